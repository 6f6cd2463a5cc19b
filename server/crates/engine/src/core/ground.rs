//! What a rehearsal needs: an empty Manager. The engine does not know what makes one.

use async_trait::async_trait;
use ovm::estate::Estate;
use std::any::Any;

/// Where rehearsals take place.
#[async_trait]
pub trait RehearsalGround: Send + Sync {
    /// Starts an empty Manager that can find the servers and the storage of the estate.
    ///
    /// # Errors
    /// Why there is none, as a sentence.
    async fn prepare(&self, estate: &Estate) -> Result<EmptyManager, String>;
}

/// A running Manager without objects.
pub struct EmptyManager {
    /// Host name or address.
    pub host: String,
    /// Port of the command line.
    pub port: u16,
    /// Account.
    pub user: String,
    /// Its password.
    pub password: String,
    /// Host key, `SHA256:...`.
    pub fingerprint: String,
    /// What every `${PASSWORD_OF_...}` in the script stands for here.
    pub secret: String,
    /// Keeps it running; dropped at the end.
    pub running: Box<dyn Any + Send + Sync>,
}
