//! Argon2id hashes of passwords. A hash takes 64 MiB and some tenths of a second, so it is computed off the async threads,
//! two at a time.

use crate::core::{Core, internal};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::services::Answer;
use std::sync::Arc;

/// Memory of one hash in KiB.
const MEMORY_KIB: u32 = 64 * 1024;
/// Passes over that memory.
const PASSES: u32 = 3;
/// Lanes.
const LANES: u32 = 1;

/// Hashes a new password. Blocks for some tenths of a second.
///
/// # Errors
/// [`domain::error::ServiceError::Internal`] when there is no randomness for the salt.
fn hash_now(password: &str) -> Answer<String> {
    let hash: PasswordHash = hasher()?.hash_password(password.as_bytes()).map_err(internal)?;
    Ok(hash.to_string())
}

/// [`hash_now`] off the async threads.
pub(super) async fn hash(core: &Arc<Core>, password: &str) -> Answer<String> {
    let password = password.to_owned();
    off_thread(core, move || hash_now(&password)).await
}

/// [`hash_now`] off the async threads, for a program that does nothing else.
pub(super) async fn hash_alone(password: &str) -> Answer<String> {
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || hash_now(&password))
        .await
        .map_err(internal)?
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
    fn hashes_are_argon2id_at_the_full_cost() {
        let hash = hash_now("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"), "{hash}");
    }
}
