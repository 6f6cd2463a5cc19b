//! Names and passwords: what is accepted, and their Argon2id hashes. A hash takes 64 MiB and some tenths of a second, so it is
//! computed off the async threads, two at a time.

use crate::core::{Core, internal};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::error::ServiceError;
use domain::services::Answer;
use std::sync::Arc;

/// Memory of one hash in KiB.
const MEMORY_KIB: u32 = 64 * 1024;
/// Passes over that memory.
const PASSES: u32 = 3;
/// Lanes.
const LANES: u32 = 1;

/// Whether this can be a login name.
///
/// # Errors
/// [`ServiceError::Invalid`] for the field `name`.
pub(super) fn check_name(name: &str) -> Answer<()> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
    if (2..=40).contains(&name.len()) && name.chars().all(allowed) {
        Ok(())
    } else {
        Err(ServiceError::invalid(
            "name",
            "A name has 2 to 40 characters: small letters, digits, dot, hyphen, underscore.",
        ))
    }
}

/// Whether a new password is good enough. `field` is the form field it came from.
///
/// # Errors
/// [`ServiceError::Invalid`] for that field.
pub(super) fn check_password(field: &str, name: &str, password: &str) -> Answer<()> {
    if !(12..=128).contains(&password.chars().count()) {
        return Err(ServiceError::invalid(
            field,
            "A password has 12 to 128 characters; a sentence does well.",
        ));
    }
    if password.to_lowercase().contains(name) {
        return Err(ServiceError::invalid(
            field,
            "A password must not contain the login name.",
        ));
    }
    Ok(())
}

/// Hashes a new password. Blocks for some tenths of a second.
///
/// # Errors
/// [`ServiceError::Internal`] when there is no randomness for the salt.
pub(super) fn hash_now(password: &str) -> Answer<String> {
    let hash: PasswordHash = hasher()?.hash_password(password.as_bytes()).map_err(internal)?;
    Ok(hash.to_string())
}

/// [`hash_now`] off the async threads.
pub(super) async fn hash(core: &Arc<Core>, password: &str) -> Answer<String> {
    let password = password.to_owned();
    off_thread(core, move || hash_now(&password)).await
}

/// Whether the password belongs to the hash. Without a hash the answer is no, after the same work: how long an answer
/// takes does not tell whether a name exists.
pub(super) async fn matches(core: &Arc<Core>, password: &str, hash: Option<String>) -> Answer<bool> {
    let password = password.to_owned();
    off_thread(core, move || match hash {
        Some(hash) => {
            let hash = PasswordHash::new(&hash).map_err(internal)?;
            Ok(hasher()?.verify_password(password.as_bytes(), &hash).is_ok())
        }
        None => hash_now(&password).map(|_| false),
    })
    .await
}

fn hasher() -> Answer<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Runs the work when one of the two places is free. The task is its own, so that a caller who goes away does not free
/// the place while the work still holds the memory.
async fn off_thread<T: Send + 'static>(
    core: &Arc<Core>,
    work: impl FnOnce() -> Answer<T> + Send + 'static,
) -> Answer<T> {
    let core = core.clone();
    let task = tokio::spawn(async move {
        let _place = core.hashing.acquire().await.map_err(internal)?;
        tokio::task::spawn_blocking(work).await.map_err(internal)?
    });
    task.await.map_err(internal)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for good in ["ol", "olga.k", "backup-operator_2"] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in ["", "o", "Olga", "olga k", "ölga", &"o".repeat(41)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords_are_long_and_not_the_name() {
        assert_eq!(check_password("password", "olga", "correct horse"), Ok(()));
        assert!(check_password("password", "olga", "elevenchars").is_err());
        assert!(check_password("password", "olga", &"x".repeat(129)).is_err());
        assert!(check_password("password", "olga", "I am OLGA, hello").is_err());
    }

    #[test]
    fn hashes_are_argon2id_at_the_full_cost() {
        let hash = hash_now("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"), "{hash}");
    }
}
