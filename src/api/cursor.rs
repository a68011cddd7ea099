//! Cursors: where the next page of a list begins.
//!
//! Opaque and tamper-evident: a message authentication code binds the position to the list, its
//! filters and its order. The secret is shared by all nodes through the database, so that a
//! cursor of one is good on another and after a restart.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::register::page::{Position, invalid_cursor};
use crate::register::{Error, Issue, Result};

/// How many bytes of the code are kept: 128 bits.
const TAG: usize = 16;

/// The cursor for a position of a list.
///
/// # Errors
/// Never, unless a position cannot be written as JSON, which is a defect.
pub fn seal(secret: &[u8], list: &str, position: &Position) -> Result<String> {
    let payload = serde_json::to_vec(position)?;
    let mut sealed = tag(secret, list, &payload)?;
    sealed.extend(payload);
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// The position of a cursor of this list.
///
/// # Errors
/// A fault in the parameter `cursor` when it is broken or belongs to another list.
pub fn open(secret: &[u8], list: &str, cursor: &str) -> Result<Position> {
    let refused = || Error::from(Issue::query("cursor", invalid_cursor()));
    let sealed = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let (given, payload) = sealed.split_at_checked(TAG).ok_or_else(refused)?;
    let expected = tag(secret, list, payload)?;
    if !bool::from(subtle::ConstantTimeEq::ct_eq(given, expected.as_slice())) {
        return Err(refused());
    }
    serde_json::from_slice(payload).map_err(|_| refused())
}

fn tag(secret: &[u8], list: &str, payload: &[u8]) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret)
        .map_err(|error| Error::Internal(format!("the cursor secret: {error}")))?;
    mac.update(&(list.len() as u64).to_be_bytes());
    mac.update(list.as_bytes());
    mac.update(payload);
    Ok(mac.finalize().into_bytes()[..TAG].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_for_its_own_list_and_unchanged() -> Result<()> {
        let position = Position(vec!["elburg".into()], "id".into());
        let cursor = seal(b"secret", "list", &position)?;
        assert_eq!(open(b"secret", "list", &cursor)?, position);
        assert!(open(b"secret", "other", &cursor).is_err());
        assert!(open(b"other", "list", &cursor).is_err());
        for nth in 0..cursor.len() {
            let mut broken = cursor.clone().into_bytes();
            broken[nth] = if broken[nth] == b'A' { b'B' } else { b'A' };
            let broken = String::from_utf8_lossy(&broken).into_owned();
            assert!(open(b"secret", "list", &broken).is_err(), "{nth}");
        }
        Ok(())
    }
}
