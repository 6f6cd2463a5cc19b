//! Everything that it takes to connect to a host, of what the database has of it.

use super::reach_error::ReachError;
use crate::core::Core;
use ssh::{Credential, Secret, Target};
use store::ManagerRow;

/// Everything needed to connect to an enrolled Manager.
pub(super) fn manager_target(core: &Core, row: &ManagerRow) -> Result<Target, ReachError> {
    let password = core.seal_key.open(&row.sealed_password).map_err(credential)?;
    target(
        &row.host,
        row.port,
        &row.user,
        &row.fingerprint,
        password,
        row.legacy_algorithms,
    )
}

/// Everything needed to connect to a host.
pub(crate) fn target(
    host: &str,
    port: u16,
    user: &str,
    fingerprint: &str,
    password: String,
    legacy_algorithms: bool,
) -> Result<Target, ReachError> {
    Ok(Target {
        host: host.to_owned(),
        port,
        user: user.to_owned(),
        host_key: fingerprint.parse().map_err(credential)?,
        credential: Credential::Password(Secret::new(password)),
        legacy_algorithms,
    })
}

/// What is stored of a host cannot be used to connect to it.
pub(super) fn credential(error: impl std::fmt::Display) -> ReachError {
    ReachError::Credential(error.to_string())
}
