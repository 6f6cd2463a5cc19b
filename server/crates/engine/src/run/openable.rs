//! Whether somebody who has nothing but the password could open the backup target. This process needs the key file no more
//! once it has opened it, and so would go on storing what nobody could ever read again.

use super::StepError;
use super::verify::see_that_target_is_own;
use crate::core::faults::of_vault;
use crate::core::{Core, TargetError, blocking, key_put_back};
use domain::ids::TargetId;
use domain::say::{Language, Say};
use vault::{Vault, VaultError};

/// Puts the key file back where it is missing or damaged, then opens the backup target from its storage with the password.
///
/// # Errors
/// [`StepError::Failed`] when nobody could open it; [`StepError::Store`].
pub(crate) async fn see_that_target_opens(core: &Core, id: &TargetId) -> Result<(), StepError> {
    see(core, id, |vault| {
        let put_back = vault.put_key_back()?;
        vault.open_again()?;
        Ok(put_back)
    })
    .await
}

/// [`see_that_target_opens`], and that it is the one of the database.
///
/// # Errors
/// As there; [`StepError::Failed`] too when another one was adopted since.
pub(crate) async fn see_that_target_is_usable(core: &Core, id: &TargetId) -> Result<(), StepError> {
    see_that_target_opens(core, id).await?;
    see_that_target_is_own(core, id, &*core.target(id).await?).await
}

/// [`see_that_target_opens`] without the opening, which takes most of a second: the key file is the one that did.
///
/// # Errors
/// As there.
pub(super) async fn see_that_key_is_there(core: &Core, id: &TargetId) -> Result<(), StepError> {
    see(core, id, Vault::put_key_back).await
}

async fn see(
    core: &Core,
    id: &TargetId,
    look: impl FnOnce(&Vault) -> Result<bool, VaultError> + Send + 'static,
) -> Result<(), StepError> {
    let opened = core.target(id).await;
    core.note_target(id, opened.as_ref().err().map(TargetError::fault));
    let vault = opened?;
    let looked_at = vault.clone();
    let seen = blocking(move || look(&looked_at)).await;
    core.note_target(id, seen.as_ref().err().and_then(of_vault));
    if seen? {
        let event = key_put_back(&vault, core.now());
        tracing::error!("{}: {}", event.subject, event.detail.say(Language::En));
        let tx = core.store.begin().await?;
        tx.audit(&event).await?;
        tx.commit().await?;
    }
    Ok(())
}
