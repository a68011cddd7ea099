//! Who asks, and what that caller may read and write.

use super::vocabulary::vocabulary;

vocabulary! {
    /// Who may read a document or a contact.
    pub enum Visibility in "visibilities" {
        Public = "public", "Openbaar", "Public";
        Restricted = "restricted", "Beperkt", "Restricted";
    }
}

vocabulary! {
    /// What a key may do.
    pub enum Role in "key-roles" {
        Admin = "admin", "Beheerder", "Administrator";
        Editor = "editor", "Redacteur", "Editor";
        Reader = "reader", "Lezer", "Reader";
    }
}

/// What decides who may read and write a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Public or restricted.
    pub visibility: Visibility,
    /// The id of the organisation that looks after it (the bronhouder).
    pub steward: Option<String>,
}

/// The key with which a request came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHolder {
    /// The public part of the key.
    pub id: String,
    /// The name that an administrator gave it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The id of the organisation for which an editor works.
    pub steward: Option<String>,
}

/// Whoever sends a request: anonymous, or the holder of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller(pub Option<KeyHolder>);

impl Caller {
    /// The command line, which may do everything.
    pub fn command_line() -> Self {
        Self(Some(KeyHolder {
            id: "command-line".into(),
            name: "command-line".into(),
            role: Role::Admin,
            steward: None,
        }))
    }

    fn role(&self) -> Option<Role> {
        self.0.as_ref().map(|key| key.role)
    }

    fn is_steward(&self, access: &Access) -> bool {
        self.0
            .as_ref()
            .is_some_and(|key| key.steward.is_some() && key.steward == access.steward)
    }

    /// The organisation for which an editor works.
    pub fn steward(&self) -> Option<&str> {
        self.0.as_ref().and_then(|key| key.steward.as_deref())
    }

    /// Whether no restricted document or contact is hidden from this caller.
    pub fn reads_all(&self) -> bool {
        matches!(self.role(), Some(Role::Admin | Role::Reader))
    }

    /// Whether this caller may know of such a document.
    pub fn may_read(&self, access: &Access) -> bool {
        access.visibility == Visibility::Public || self.sees_restricted_parts(access)
    }

    /// Whether this caller may know of this document: one that it may read, or the organisation for
    /// which it works, whoever looks after that.
    pub fn may_know(&self, id: &str, access: &Access) -> bool {
        self.may_read(access) || self.steward() == Some(id)
    }

    /// Whether this caller sees the restricted contacts of such a document.
    pub fn sees_restricted_parts(&self, access: &Access) -> bool {
        self.reads_all() || (self.role() == Some(Role::Editor) && self.is_steward(access))
    }

    /// Whether this caller may change such a document.
    pub fn may_write(&self, access: &Access) -> bool {
        match self.role() {
            Some(Role::Admin) => true,
            Some(Role::Editor) => self.is_steward(access),
            Some(Role::Reader) | None => false,
        }
    }

    /// Whether this caller is an administrator.
    pub fn is_admin(&self) -> bool {
        self.role() == Some(Role::Admin)
    }

    /// The name for the change log.
    pub fn actor(&self) -> String {
        self.0
            .as_ref()
            .map(|key| key.name.clone())
            .unwrap_or_default()
    }
}
