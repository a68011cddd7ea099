//! The log: lines for people or for programs, to standard error.

use std::io::Write;

use env_logger::{Builder, Env};
use log::Record;
use log::kv::{Error, Key, Value, VisitSource, VisitValue};
use serde_json::{Map, json};

use crate::config::LogFormat;
use crate::store::Timestamp;

/// What is logged unless `RUST_LOG` says otherwise. The framework's own lines say nothing that an
/// operator can act on, and any stranger can cause them.
const LEVELS: &str = "info,actix_server=warn,actix_http=off";

/// Starts the log. To be called once.
pub fn start(format: LogFormat) {
    let mut builder = Builder::from_env(Env::default().default_filter_or(LEVELS));
    if format == LogFormat::Json {
        builder.format(|out, record| writeln!(out, "{}", json_line(record)));
    }
    builder.init();
}

/// A line as one JSON object: when, how grave, from where, what, and the values beside it.
fn json_line(record: &Record<'_>) -> String {
    let mut line = Map::new();
    line.insert("at".into(), json!(Timestamp::now()));
    line.insert(
        "level".into(),
        json!(record.level().as_str().to_lowercase()),
    );
    line.insert("target".into(), json!(record.target()));
    line.insert("message".into(), json!(record.args().to_string()));
    // A value that cannot be told is left out; the line is worth more than it.
    let _ = record.key_values().visit(&mut Values(&mut line));
    serde_json::Value::Object(line).to_string()
}

struct Values<'l>(&'l mut Map<String, serde_json::Value>);

impl<'kvs> VisitSource<'kvs> for Values<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let mut one = One(serde_json::Value::Null);
        value.visit(&mut one)?;
        self.0.entry(key.as_str()).or_insert(one.0);
        Ok(())
    }
}

struct One(serde_json::Value);

impl VisitValue<'_> for One {
    fn visit_any(&mut self, value: Value<'_>) -> Result<(), Error> {
        self.0 = json!(value.to_string());
        Ok(())
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), Error> {
        self.0 = json!(value);
        Ok(())
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), Error> {
        self.0 = json!(value);
        Ok(())
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), Error> {
        self.0 = json!(value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_object_whatever_stands_in_it() {
        let pairs = [
            ("status", Value::from(200_u16)),
            ("route", Value::from("a\n\"b\"")),
            ("level", Value::from("x")),
        ];
        let line = json_line(
            &Record::builder()
                .level(log::Level::Warn)
                .target("schakel")
                .args(format_args!("two\nlines"))
                .key_values(&pairs.as_slice())
                .build(),
        );
        assert!(!line.contains('\n'));
        let mut line: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        assert!(line["at"].take().is_string());
        let expected = json!({
            "at": null, "level": "warn", "target": "schakel", "message": "two\nlines",
            "status": 200, "route": "a\n\"b\"",
        });
        assert_eq!(line, expected);
    }
}
