//! What a write changes in a document, member by member.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::document::READ_ONLY;

/// A member that changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Difference {
    /// Its name.
    #[schema(examples("status"))]
    pub member: String,
    /// What it was; absent in a new document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// What it becomes.
    #[schema(value_type = Object)]
    pub after: Value,
}

/// The members that differ between a document as it was, if it was, and as it is.
pub fn differences(
    before: Option<&Map<String, Value>>,
    after: Map<String, Value>,
) -> Vec<Difference> {
    let told = |name: &str| !READ_ONLY.contains(&name);
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    after
        .into_iter()
        .filter(|(name, _)| told(name))
        .filter_map(|(member, after)| match before {
            None if empty(&after) => None,
            None => Some(Difference {
                member,
                before: None,
                after,
            }),
            Some(before) => {
                let before = before.get(&member).cloned().unwrap_or_default();
                (before != after).then_some(Difference {
                    member,
                    before: Some(before),
                    after,
                })
            }
        })
        .collect()
}
