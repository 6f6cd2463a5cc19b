//! What all parts of the engine share: store, backup target, clock, ids, the news, the sealing key.

mod actor;
mod blocking;
mod clock;
pub(crate) mod faults;
mod ground;
mod lease;
mod new_id;
mod outbox;
mod rhythm;
mod running;
mod seal;
mod seen;
mod target;
mod targets;
mod tickets;

pub(crate) use actor::actor_of;
pub(crate) use blocking::blocking;
pub use clock::SystemClock;
pub(crate) use clock::system_time;
pub use ground::{EmptyManager, RehearsalGround};
pub(crate) use lease::Lease;
pub use new_id::new_id;
pub(crate) use outbox::Telling;
pub use rhythm::{Limits, Rhythm};
pub(crate) use running::Entered;
pub use seal::SealKey;
pub(crate) use target::key_put_back;
pub use target::{AdoptedTarget, adopt_target};
pub(crate) use targets::{Look, TargetError, enrolled, open as open_recorded};
pub(crate) use tickets::Ticket;

use async_trait::async_trait;
use domain::audit::{AuditEvent, AuditSubject, Detail};
use domain::error::ServiceError;
use domain::ids::{RequestId, RunId};
use domain::news::News;
use domain::run::{RunEvent, RunNews};
use domain::time::{Clock, Timestamp};
use outbox::Outbox;
use running::Running;
use seen::SeenEstates;
use std::path::PathBuf;
use std::sync::Arc;
use store::{Store, StoreError};
use thiserror::Error;
use tokio::sync::{Mutex, Notify, Semaphore, broadcast};
use vault::VaultError;

/// Name of the actor in the trail for what is done on the machine itself.
pub(crate) const COMMAND_LINE: &str = "cli";

/// How an engine is set up.
pub struct EngineOptions {
    /// The database.
    pub store: Store,
    /// Folder of the backup target; one is made there for a database that has none yet.
    pub backup_target: PathBuf,
    /// Password of the backup target: what opens it with plain restic.
    pub backup_target_password: String,
    /// Key that seals stored passwords; lies outside the database.
    pub seal_key: SealKey,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Seconds after which the runs of a dead process are taken up by another.
    pub lease_secs: i64,
    /// Runs that this process works on at the same time. One that waits for a person is not worked on.
    pub workers: usize,
    /// Runs of all processes whose disks move at the same time.
    pub transfers: u32,
    /// How long others get.
    pub limits: Limits,
    /// How long the engine rests before it looks again.
    pub rhythm: Rhythm,
    /// Stops the world between two lines of the journal, for tests.
    pub breakpoints: Option<Arc<dyn Breakpoints>>,
    /// Where rebuild scripts are rehearsed; nowhere without it.
    pub rehearsals: Option<Arc<dyn RehearsalGround>>,
}

impl EngineOptions {
    /// Usual settings.
    pub fn new(store: Store, backup_target: PathBuf, backup_target_password: String, seal_key: SealKey) -> Self {
        Self {
            store,
            backup_target,
            backup_target_password,
            seal_key,
            clock: Arc::new(SystemClock),
            lease_secs: 30,
            workers: 8,
            transfers: 2,
            limits: Limits::default(),
            rhythm: Rhythm::default(),
            breakpoints: None,
            rehearsals: None,
        }
    }
}

/// Why an engine does not start.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The backup target cannot be opened.
    #[error("The backup target in {folder} cannot be opened: {source}")]
    BackupTarget {
        /// Its folder.
        folder: PathBuf,
        /// Why.
        source: VaultError,
    },
    /// The backup target is not there.
    #[error(
        "There is no backup target in {}, where this database expects {expected}. None was made. Mount the file system \
         that holds it, or correct the setting backup_target, then start again. Only when it is lost for good, with the \
         recovery points in it: `holdfast target adopt --new` makes a new one.", folder.display()
    )]
    TargetAway {
        /// Folder where it should be.
        folder: PathBuf,
        /// Which one is expected.
        expected: String,
    },
    /// Another backup target is in its place.
    #[error(
        "The backup target in {} is {found}, but this database expects {expected}. Mount the file system that holds \
         that, or correct the setting backup_target, then start again; servers on one database share one backup \
         target. Only when it is lost for good, with the recovery points in it: `holdfast target adopt` takes {found} \
         instead.", folder.display()
    )]
    AnotherTarget {
        /// Folder where it should be.
        folder: PathBuf,
        /// Beginning of the id of the one that is there.
        found: String,
        /// Which one is expected.
        expected: String,
    },
    /// The sealing key cannot be used.
    #[error("The sealing key is not usable: it needs exactly 32 bytes, in hex 64 digits.")]
    SealKey,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A place between two lines of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// The intent is written, nothing was done.
    AfterIntent,
    /// The effect is there, the journal does not know.
    AfterEffect,
    /// The outcome is written.
    AfterOutcome,
}

/// Lets a test stop the world: with a call that never returns, and the engine stopped then, a run is cut off at that place.
#[async_trait]
pub trait Breakpoints: Send + Sync {
    /// Called at every [`Moment`] of every step, undo included.
    async fn reached(&self, run: &RunId, step: &str, moment: Moment);
}

/// Shared by all parts of the engine.
pub struct Core {
    pub(crate) store: Store,
    targets: targets::Targets,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seal_key: SealKey,
    pub(crate) lease_secs: i64,
    pub(crate) workers: usize,
    pub(crate) transfers: u32,
    pub(crate) limits: Limits,
    pub(crate) rhythm: Rhythm,
    pub(crate) breakpoints: Option<Arc<dyn Breakpoints>>,
    pub(crate) rehearsals: Option<Arc<dyn RehearsalGround>>,
    /// Rehearsals take turns.
    pub(crate) rehearsing: Mutex<()>,
    /// Name of this process in the database.
    pub(crate) process: String,
    /// For how long it has what it has claimed.
    pub(crate) lease: Lease,
    /// What it works on.
    pub(crate) running: Arc<Running>,
    /// News of all runs and requests, to everybody who listens in this process.
    pub(crate) news: broadcast::Sender<News>,
    /// What the other processes have to hear.
    pub(crate) outbox: Outbox,
    /// Calls the worker: a run was queued, decided, settled or cancelled, or has left its place to another.
    pub(crate) wake: Notify,
    /// Calls for a look at what others want of this process, and at what it has to give back.
    pub(crate) look: Notify,
    dropped_tickets: tickets::Dropped,
    /// What those see of estates who do not see all of them.
    pub(crate) seen: SeenEstates,
    /// Recovery points that are read back at the same time: they hold up no machine, so they have places of their own.
    pub(crate) verifying: Semaphore,
    /// Password hashes that are computed at the same time: each takes 64 MiB.
    pub(crate) hashing: Semaphore,
}

impl Core {
    pub(crate) async fn open(options: EngineOptions) -> Result<Self, EngineError> {
        let password = &options.backup_target_password;
        let now = options.clock.now();
        let vault = target::open_target(&options.store, &options.backup_target, password, now).await?;
        Ok(Self {
            store: options.store,
            targets: targets::Targets::with_first(vault, now),
            lease: Lease::new(options.clock.clone(), options.lease_secs),
            clock: options.clock,
            seal_key: options.seal_key,
            lease_secs: options.lease_secs,
            workers: options.workers,
            transfers: options.transfers,
            limits: options.limits,
            rhythm: options.rhythm,
            breakpoints: options.breakpoints,
            rehearsals: options.rehearsals,
            rehearsing: Mutex::new(()),
            process: new_id(12),
            running: Arc::default(),
            news: broadcast::channel(4096).0,
            outbox: Outbox::default(),
            wake: Notify::new(),
            look: Notify::new(),
            dropped_tickets: tickets::Dropped::default(),
            seen: SeenEstates::default(),
            verifying: Semaphore::new(2),
            hashing: Semaphore::new(2),
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// There may be something to do, here or in another process.
    pub(crate) fn wake_all(&self) {
        self.wake_here();
        self.outbox.put(None);
    }

    fn wake_here(&self) {
        self.wake.notify_one();
        self.look.notify_one();
    }

    /// Tells everybody who listens; nobody listening is fine.
    pub(crate) fn tell(&self, run: &RunId, news: RunNews) {
        self.tell_everybody(News::Run(RunEvent { run: run.clone(), news }));
    }

    /// [`Core::tell`] about a request that is another than before. Only after that is stored: whoever hears it reads it.
    pub(crate) fn tell_of_request(&self, request: &RequestId) {
        self.tell_everybody(News::Request(request.clone()));
    }

    fn tell_everybody(&self, news: News) {
        self.outbox.put(Some(news.clone()));
        let _nobody_listens = self.news.send(news);
    }

    /// Takes up what another process has told.
    pub(crate) fn hear(&self, telling: Telling) {
        match telling {
            Some(news) => {
                let _nobody_listens = self.news.send(news);
            }
            None => self.wake_here(),
        }
    }

    /// An audit event of now.
    pub(crate) fn event(&self, actor: &str, subject: AuditSubject, detail: Detail) -> AuditEvent {
        AuditEvent::new(self.now(), actor, subject, detail)
    }
}

/// A fault of Holdfast itself: the details go to the log, the reference to the user.
pub(crate) fn internal(cause: impl std::fmt::Display) -> ServiceError {
    let reference = new_id(8);
    let error = ServiceError::Internal {
        reference: reference.clone(),
    };
    tracing::error!(reference, code = error.code(), "{cause}");
    error
}

/// A database error as the user sees it.
pub(crate) fn from_store(error: StoreError) -> ServiceError {
    match error {
        StoreError::Conflict(what) => ServiceError::conflict(what),
        other => internal(other),
    }
}
