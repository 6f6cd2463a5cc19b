//! The look before a leap: whoever changes something on a host still has the run in hand. A process that was stopped past
//! its lease, and goes on behind a question, must not give a command that another has given meanwhile.

use super::reach_error::ReachError;
use crate::core::Core;
use domain::ids::RunId;
use ssh::ovmcli::ManagerSession;
use ssh::{Session, SshError, Target};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A claim under which something is changed on hosts.
pub(crate) struct Grip {
    core: Arc<Core>,
    run: RunId,
    fence: i64,
    /// The lease under which it was claimed is lost.
    lost: CancellationToken,
}

impl Grip {
    /// The claim with this fence, under the present lease.
    pub(super) fn new(core: Arc<Core>, run: RunId, fence: i64) -> Self {
        let lost = core.lease.lost();
        Self { core, run, fence, lost }
    }

    /// Looks in the database whether the claim still holds, and after that at the own clocks: the answer may have come
    /// late.
    ///
    /// # Errors
    /// [`ReachError::LeaseLost`]; [`ReachError::Store`] when the database cannot be asked.
    pub(super) async fn look(&self) -> Result<(), ReachError> {
        let (core, now) = (&self.core, self.core.now());
        let claimed = core.store.still_claimed(&self.run, self.fence, &core.process, now);
        match claimed.await? && self.holds() {
            true => Ok(()),
            false => Err(ReachError::LeaseLost),
        }
    }

    /// Whether the lease lasts, as far as this process can tell by itself.
    pub(super) fn holds(&self) -> bool {
        !self.lost.is_cancelled() && self.core.lease.is_held()
    }

    /// For connections, which ask it at the last moment before they send a command.
    pub(super) fn gate(self: &Arc<Self>) -> ssh::Gate {
        let grip = Arc::clone(self);
        Arc::new(move || grip.holds())
    }
}

/// Connects to a Manager. What is sent there passes the grip, if there is one.
pub(super) async fn connect(grip: Option<&Arc<Grip>>, target: Target) -> Result<ManagerSession, SshError> {
    match grip {
        Some(grip) => ManagerSession::connect_behind(target, grip.gate()).await,
        None => ManagerSession::connect(target).await,
    }
}

/// The session, with the grip before it if there is one.
pub(super) fn guarded(grip: Option<&Arc<Grip>>, session: Session) -> Session {
    match grip {
        Some(grip) => session.behind(grip.gate()),
        None => session,
    }
}
