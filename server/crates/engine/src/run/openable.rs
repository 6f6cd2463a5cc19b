//! Whether somebody who has nothing but the password could open the backup target. This process needs the key file no more
//! once it has opened it, and so would go on storing what nobody could ever read again.

use super::{StepError, blocking};
use crate::core::{Core, key_put_back};
use domain::say::{Language, Say};
use std::sync::Arc;
use vault::{Vault, VaultError};

/// Puts the key file back where it is missing or damaged, then opens the backup target from the disk with the password.
///
/// # Errors
/// [`StepError::Failed`] when nobody could open it; [`StepError::Store`].
pub(crate) async fn see_that_target_opens(core: &Core) -> Result<(), StepError> {
    see(core, |vault| {
        let put_back = vault.put_key_back()?;
        vault.open_again()?;
        Ok(put_back)
    })
    .await
}

/// [`see_that_target_opens`] without the opening, which takes most of a second: the key file is the one that did.
///
/// # Errors
/// As there.
pub(super) async fn see_that_key_is_there(core: &Core) -> Result<(), StepError> {
    see(core, Vault::put_key_back).await
}

async fn see(
    core: &Core,
    look: impl FnOnce(&Vault) -> Result<bool, VaultError> + Send + 'static,
) -> Result<(), StepError> {
    let vault: Arc<Vault> = core.vault.clone();
    let seen = blocking(move || look(&vault)).await;
    core.note_target(seen.as_ref().err());
    if seen? {
        let event = key_put_back(&core.vault, core.now());
        tracing::error!("{}: {}", event.subject, event.detail.say(Language::En));
        let tx = core.store.begin().await?;
        tx.audit(&event).await?;
        tx.commit().await?;
    }
    Ok(())
}
