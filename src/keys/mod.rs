//! API keys: who may write, and who may read what is restricted.
//!
//! A key is `schakel_<id>_<secret>`. The id is public and is what logs and lists show; of the
//! 256-bit secret only the SHA-256 is kept, so that a stolen database opens nothing. A plain hash
//! is enough here: a random secret of that length cannot be guessed, unlike a password.

pub mod routes;

use deserr::Deserr;
use diesel::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use crate::register::find::{Found, Registered, find, resolve};
use crate::register::heads::{name_links, stored_word};
use crate::register::refs::{Noted, Target, noted};
use crate::register::{
    Caller, Day, Error, Fault, Issue, Issues, KeyHolder, Line, Locator, OrganisationRef,
    Organisations, Result, Role, Text,
};
use crate::store::schema::{keys, secrets};
use crate::store::{AnyConnection, Timestamp};

/// How long the note of a key's last use may lag behind, in seconds. Writing it down with each
/// request would make a write of every read.
const LAST_USE_LAG: i64 = 60;

/// A key as it is shown: without its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// The public part of the key.
    #[schema(examples("5f3a09c2b1d84e67"))]
    pub id: String,
    /// What it is for.
    pub name: Line,
    /// What it may do.
    pub role: Role,
    /// The organisation for which an editor's key writes.
    pub steward: Option<OrganisationRef>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The instant from which it no longer works.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

/// A key that was just made, with its secret. It is shown this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewKey {
    /// The whole key, to send as `Authorization: Bearer …`.
    #[schema(examples(
        "schakel_5f3a09c2b1d84e67_0000000000000000000000000000000000000000000000000000000000000000"
    ))]
    pub key: String,
    /// What is known of it from now on.
    #[serde(flatten)]
    pub details: Key,
}

/// What a new key should be.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct KeyInput {
    /// What it is for: a system, not a person.
    #[schema(examples("import sociaal domein"))]
    pub name: Line,
    /// What it may do.
    pub role: Role,
    /// The organisation for which it writes; for an editor, and only there.
    #[deserr(default)]
    pub steward: Option<OrganisationRef>,
    /// The last day on which it works, in UTC.
    #[deserr(default)]
    pub expires_on: Option<Day>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = keys, treat_none_as_default_value = false)]
struct KeyRow {
    id: String,
    name: String,
    role: String,
    steward_id: Option<String>,
    secret_sha256: String,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl KeyRow {
    fn shown(self) -> Result<Key> {
        Ok(Key {
            id: self.id,
            name: Line::stored(self.name),
            role: stored_word(&self.role)?,
            steward: self.steward_id.map(OrganisationRef::to),
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
            revoked_at: self.revoked_at,
        })
    }

    fn has_ended(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// Reads the body of a request for a key, or what is wrong with it.
///
/// # Errors
/// All faults of the body.
pub fn read_input(body: serde_json::Value) -> (std::result::Result<KeyInput, Issues>, Vec<Noted>) {
    noted(|| deserr::deserialize(body))
}

/// Makes a key.
///
/// # Errors
/// Faults at `/steward` when it is lacking, out of place or unknown.
pub fn create(
    db: &mut AnyConnection,
    input: std::result::Result<KeyInput, Issues>,
    noted: &[Noted],
) -> Result<NewKey> {
    let mut issues = Issues::default();
    let targets = resolve(
        db,
        &Caller::command_line(),
        &mut Registered,
        noted,
        &[],
        &mut issues,
    )?;
    let mut input = input.map_err(|more| {
        issues.0.extend(more.0);
        std::mem::take(&mut issues)
    })?;
    if let Some(steward) = &mut input.steward {
        let link = steward.link();
        if let Some(target) = targets.get(&(link.type_, link.given.clone())) {
            link.target = target.clone();
        }
    }
    let why = Text {
        nl: "Een sleutel van een redacteur heeft een bronhouder nodig; andere sleutels hebben er geen.",
        en: "A key of an editor needs a steward; other keys have none.",
    };
    if (input.role == Role::Editor) != input.steward.is_some() {
        issues
            .0
            .push(Issue::body("/steward", Fault::Contradiction { why }));
    }
    issues.none_or_fail()?;
    let (id, secret) = (random_hex::<8>()?, random_hex::<32>()?);
    let row = KeyRow {
        id: id.clone(),
        name: input.name.to_string(),
        role: crate::register::Enumeration::as_str(input.role).to_owned(),
        steward_id: input
            .steward
            .as_ref()
            .map(|steward| steward.id().to_owned()),
        secret_sha256: hash(&secret),
        created_at: Timestamp::now(),
        expires_at: input
            .expires_on
            .map(|day| day.start().plus_seconds(24 * 60 * 60).min(Timestamp::LAST)),
        last_used_at: None,
        revoked_at: None,
    };
    diesel::insert_into(keys::table).values(&row).execute(db)?;
    let mut details = row.shown()?;
    details.steward = input.steward;
    Ok(NewKey {
        key: format!("schakel_{id}_{secret}"),
        details,
    })
}

/// All keys, the newest first, revoked and expired ones included.
///
/// # Errors
/// When the database cannot be asked.
pub fn list(db: &mut AnyConnection) -> Result<Vec<Key>> {
    let rows: Vec<KeyRow> = keys::table
        .order((keys::created_at.desc(), keys::id))
        .select(KeyRow::as_select())
        .load(db)?;
    let mut all: Vec<Key> = rows.into_iter().map(KeyRow::shown).collect::<Result<_>>()?;
    let links = all
        .iter_mut()
        .filter_map(|key| key.steward.as_mut())
        .map(OrganisationRef::link);
    name_links(db, links.collect())?;
    Ok(all)
}

/// Ends a key. It stays in the list.
///
/// # Errors
/// [`Error::NotFound`] when there is no such key, or it was revoked before.
pub fn revoke(db: &mut AnyConnection, id: &str) -> Result<()> {
    if !is_id(id) {
        return Err(Error::NotFound);
    }
    let changed = diesel::update(keys::table.find(id).filter(keys::revoked_at.is_null()))
        .set(keys::revoked_at.eq(Timestamp::now()))
        .execute(db)?;
    if changed == 0 {
        Err(Error::NotFound)
    } else {
        Ok(())
    }
}

/// Why a key does not work. It is for the log of those who run the service; a caller is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It does not look like a key.
    Malformed,
    /// There is no such key, or its secret is another.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

impl Refusal {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// What came of checking a key.
#[derive(Clone, Debug)]
pub enum Checked {
    /// It works.
    Works {
        /// Who holds it.
        holder: KeyHolder,
        /// Whether its last use should be noted.
        stale: bool,
    },
    /// It does not.
    Refused {
        /// Why.
        reason: Refusal,
        /// Its public part, when there is such a key.
        key: Option<String>,
    },
}

/// Checks a key.
///
/// # Errors
/// When the database cannot be asked.
pub fn authenticate(db: &mut AnyConnection, key: &str) -> Result<Checked> {
    let Some((id, secret)) = parts(key) else {
        return Ok(Checked::Refused {
            reason: Refusal::Malformed,
            key: None,
        });
    };
    let row: Option<KeyRow> = keys::table
        .find(id)
        .select(KeyRow::as_select())
        .first(db)
        .optional()?;
    // An unknown id takes the same path with a hash that nothing has.
    let expected = row
        .as_ref()
        .map_or_else(|| "0".repeat(64), |row| row.secret_sha256.clone());
    let same = bool::from(hash(secret).as_bytes().ct_eq(expected.as_bytes()));
    let now = Timestamp::now();
    let refused = |reason, key| Ok(Checked::Refused { reason, key });
    let row = match row {
        Some(row) if !same => return refused(Refusal::Unknown, Some(row.id)),
        Some(row) if row.revoked_at.is_some() => return refused(Refusal::Revoked, Some(row.id)),
        Some(row) if row.has_ended(now) => return refused(Refusal::Expired, Some(row.id)),
        Some(row) => row,
        None => return refused(Refusal::Unknown, None),
    };
    let stale = row
        .last_used_at
        .is_none_or(|used| used.plus_seconds(LAST_USE_LAG) <= now);
    let holder = KeyHolder {
        id: row.id,
        name: row.name,
        role: stored_word(&row.role)?,
        steward: row.steward_id,
    };
    Ok(Checked::Works { holder, stale })
}

/// The two parts of a key of the right form.
fn parts(key: &str) -> Option<(&str, &str)> {
    let (id, secret) = key.strip_prefix("schakel_")?.split_once('_')?;
    (is_id(id) && secret.len() == 64 && is_hex(secret)).then_some((id, secret))
}

fn is_id(text: &str) -> bool {
    text.len() == 16 && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Notes that a key was used now.
///
/// # Errors
/// When the database cannot be asked.
pub fn note_use(db: &mut AnyConnection, id: &str) -> Result<()> {
    diesel::update(keys::table.find(id))
        .set(keys::last_used_at.eq(Timestamp::now()))
        .execute(db)?;
    Ok(())
}

/// Whether a key that works writes for this organisation.
///
/// # Errors
/// When the database cannot be asked.
pub fn is_steward_of_a_key(db: &mut AnyConnection, organisation: &str) -> Result<bool> {
    let now = Timestamp::now();
    let working: i64 = keys::table
        .filter(
            keys::steward_id
                .eq(organisation)
                .and(keys::revoked_at.is_null()),
        )
        .filter(keys::expires_at.is_null().or(keys::expires_at.gt(now)))
        .count()
        .get_result(db)?;
    Ok(working > 0)
}

/// Makes the keys of one organisation write for another, into which it was merged.
///
/// # Errors
/// When the database cannot be asked.
pub fn change_steward(db: &mut AnyConnection, from: &str, to: &str) -> Result<()> {
    diesel::update(keys::table.filter(keys::steward_id.eq(from)))
        .set(keys::steward_id.eq(to))
        .execute(db)?;
    Ok(())
}

/// The input for a key from the words of the command line.
///
/// # Errors
/// A sentence that names the option and the remedy.
pub fn input_from_words(
    db: &mut AnyConnection,
    name: &str,
    role: Role,
    steward: Option<&str>,
    expires: Option<Day>,
) -> Result<(KeyInput, Vec<Noted>)> {
    let name = Line::parse(name).map_err(|fault| Issue::body("/name", fault))?;
    let mut reference = None;
    if let Some(given) = steward {
        let found = match Locator::parse(given) {
            Some(locator) => find(db, &Caller::command_line(), Organisations::TYPE, &locator)?,
            None => None,
        };
        let Some(Found::Live(head) | Found::Moved(head)) = found else {
            let fault = Fault::UnknownReference {
                to: Organisations::TYPE,
            };
            return Err(Issue::body("/steward", fault).into());
        };
        reference = Some(OrganisationRef::to(head.id));
    }
    Ok((
        KeyInput {
            name,
            role,
            steward: reference,
            expires_on: expires,
        },
        Vec::new(),
    ))
}

fn hash(secret: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(secret.as_bytes()))
}

fn random_hex<const N: usize>() -> Result<String> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(base16ct::lower::encode_string(&bytes))
}

/// A secret that all nodes on this database share, made the first time it is asked for.
///
/// # Errors
/// When the database cannot be asked.
pub fn shared_secret(db: &mut AnyConnection, name: &str) -> Result<Vec<u8>> {
    let known: Option<String> = secrets::table
        .find(name)
        .select(secrets::value)
        .first(db)
        .optional()?;
    if let Some(secret) = known {
        return Ok(secret.into_bytes());
    }
    let secret = random_hex::<32>()?;
    diesel::insert_into(secrets::table)
        .values((secrets::name.eq(name), secrets::value.eq(&secret)))
        .execute(db)?;
    Ok(secret.into_bytes())
}
