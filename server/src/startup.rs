//! Puts the parts together: database, backup target, engine, pages, HTTP.

use crate::config::Settings;
use crate::config::secret::{self, Secret};
use crate::http::{self, Web};
use engine::core::SystemClock;
use engine::{Engine, EngineError, EngineOptions, SealKey};
use ground::SimulatedManagers;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreError};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_sessions::ExpiredDeletion;

/// How long open requests may go on after the program was told to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often sessions that have ended are removed from the database.
const CLEAN_EVERY: Duration = Duration::from_secs(3600);

/// Why Holdfast does not start.
#[derive(Debug, Error)]
pub enum StartupError {
    /// The port cannot be had.
    #[error(
        "Cannot listen on {address}: {reason}. Check whether another Holdfast is running, or choose another \
        address with `--listen`."
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        reason: io::Error,
    },
    /// A file or folder cannot be used.
    #[error("Cannot use {}: {reason}. Holdfast stores its data there; see `holdfast config`.", path.display())]
    Path {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// A file that was to hold a secret.
    #[error("The file {} {fault}, so it is not used. {remedy}", path.display())]
    Secret {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: &'static str,
        /// What to do, and when it is safe to remove the file.
        remedy: &'static str,
    },
    /// The program was built without the browser's part.
    #[error("This binary contains no browser assets. Build them (`cargo xtask web`), then rebuild the program.")]
    NoAssets,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Serving ended with an error.
    #[error("The web server stopped: {0}")]
    Serve(io::Error),
}

/// Holdfast, started but not yet reachable.
pub struct Program {
    store: Store,
    engine: Engine,
    insecure_http: bool,
    trusted_proxy: bool,
    session_hours: u8,
}

/// Takes the port, before anything else is touched.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, StartupError> {
    TcpListener::bind(address)
        .await
        .map_err(|reason| StartupError::Listen { address, reason })
}

/// Opens the database, with its folder when it lies in the data folder.
pub async fn open_store(settings: &Settings) -> Result<Store, StartupError> {
    let path = || settings.data_dir.clone();
    std::fs::create_dir_all(&settings.data_dir).map_err(|reason| StartupError::Path { path: path(), reason })?;
    Ok(Store::connect(settings.database_url.reveal()).await?)
}

impl Program {
    /// Opens database and backup target and starts the engine, which takes up interrupted runs.
    pub async fn open(settings: &Settings) -> Result<Self, StartupError> {
        check_assets()?;
        warn(settings);
        let store = open_store(settings).await?;
        let options = EngineOptions::new(
            store.clone(),
            settings.backup_target.clone(),
            backup_target_password(settings)?.reveal().to_owned(),
            seal_key(settings)?,
        );
        Ok(Self {
            store,
            engine: Engine::start(EngineOptions {
                lease_secs: settings.lease_seconds.into(),
                workers: settings.workers.into(),
                transfers: settings.transfers.into(),
                rehearsals: Some(Arc::new(SimulatedManagers)),
                ..options
            })
            .await?,
            insecure_http: settings.insecure_http,
            trusted_proxy: settings.trusted_proxy,
            session_hours: settings.session_hours,
        })
    }

    /// The program as pages see it.
    pub fn backend(&self) -> domain::services::Backend {
        self.engine.backend()
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Answers requests until `stop`, then lets those under way end and stops the engine.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> Result<(), StartupError> {
        let sessions = self.store.session_store();
        tokio::spawn(clean(sessions.clone(), stop.clone()));
        let web = Web {
            backend: self.engine.backend(),
            clock: Arc::new(SystemClock),
            secure: !self.insecure_http,
            trusted_proxy: self.trusted_proxy,
            session_hours: self.session_hours,
            stop: stop.clone(),
        };
        let router = http::router(web, sessions);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
        let too_long = async {
            stop.cancelled().await;
            tokio::time::sleep(PATIENCE).await;
        };
        let served = tokio::select! {
            served = serving => served.map_err(StartupError::Serve),
            () = too_long => Ok(()),
        };
        self.engine.stop().await;
        served
    }
}

async fn clean(sessions: impl ExpiredDeletion, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = sessions.delete_expired().await {
            tracing::warn!("expired sessions could not be removed from the database: {error}");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(CLEAN_EVERY) => {}
        }
    }
}

/// A debug build may do without: whoever works on the server does not need the browser's part each time.
fn check_assets() -> Result<(), StartupError> {
    if http::assets_are_complete() {
        return Ok(());
    }
    if cfg!(debug_assertions) {
        tracing::warn!("{}", StartupError::NoAssets);
        return Ok(());
    }
    Err(StartupError::NoAssets)
}

fn warn(settings: &Settings) {
    if settings.insecure_http {
        tracing::warn!("insecure_http is on: passwords and sessions are sent unencrypted. Only for a lab.");
    }
}

/// The key that seals secrets in the database, which is made when it is not there.
pub fn seal_key(settings: &Settings) -> Result<SealKey, StartupError> {
    let path = &settings.seal_key_file;
    let key = secret::read_or_make(path, || SealKey::generate().to_hex());
    let key = key.map_err(|reason| StartupError::Path {
        path: path.clone(),
        reason,
    })?;
    let unusable = |fault| StartupError::Secret {
        path: path.clone(),
        fault,
        remedy: "It encrypts the passwords of Managers and servers. If any have been entered, put your copy of the \
            file in its place. If none have, nothing was encrypted with it: remove the file, and the next start \
            generates a new one.",
    };
    if key.reveal().is_empty() {
        return Err(unusable("is empty"));
    }
    SealKey::from_hex(key.reveal()).map_err(|_| unusable("does not hold a key, which is 64 hex digits"))
}

/// The password of the backup target: the one given, or the one in the data folder, which is made when it is not there.
pub fn backup_target_password(settings: &Settings) -> Result<Secret, StartupError> {
    if let Some(password) = &settings.backup_target_password {
        return Ok(password.clone());
    }
    let path = settings.backup_target_password_file();
    let password = secret::read_or_make(&path, || hex::encode(rand::random::<[u8; 24]>()));
    let password = password.map_err(|reason| StartupError::Path {
        path: path.clone(),
        reason,
    })?;
    if password.reveal().is_empty() {
        return Err(StartupError::Secret {
            path,
            fault: "is empty",
            remedy: "It opens the backup target. If there is a backup target, put your copy of the password in the \
                file. If there is none, remove the file, and the next start generates a new one.",
        });
    }
    Ok(password)
}
