//! The names of events. A name that was ever written stays; what comes to mean something else gets a new one.

use super::{AskedFor, Detail, RequestStage};

impl Detail {
    /// Versioned name of the event, by which rows are found.
    pub fn event(&self) -> &'static str {
        match self {
            Self::BackupStarted { .. } => "backup.started.v1",
            Self::Request { asked, stage } => asked.event(stage),
            Self::RestoreQueued { .. } => "restore.queued.v1",
            Self::DecisionTimedOut => "restore.decision_timed_out.v1",
            Self::RestoreCommitted(_) => "restore.committed.v1",
            Self::RestoreRolledBack(_) => "restore.rolled_back.v1",
            Self::RunCancelled(_) => "run.cancelled.v1",
            Self::CancelRequested(_) => "run.cancel_requested.v1",
            Self::RunSettled { .. } => "run.settled.v1",
            Self::RunConfirmed { .. } => "run.confirmed.v1",
            Self::RunEnded { .. } => "run.ended.v1",
            Self::PointPublished { .. } => "point.published.v1",
            Self::PointVerified { .. } => "point.verified.v1",
            Self::PointDamaged { .. } => "point.damaged.v1",
            Self::PointSealedAgain { .. } => "point.sealed_again.v1",
            Self::PartsDiscarded => "target.parts_discarded.v1",
            Self::TargetPruned { .. } => "target.pruned.v1",
            Self::KeyPutBack => "target.key_put_back.v1",
            Self::TargetAdopted { .. } => "target.adopted.v1",
            Self::TargetAdded { .. } => "target.added.v1",
            Self::TargetChecked { .. } => "target.checked.v1",
            Self::LeftoverRemoved(_) => "leftover.removed.v1",
            Self::LeftoverVoid { .. } => "leftover.void.v1",
            Self::ArtefactDownloaded { .. } => "artefact.downloaded.v1",
            Self::HandbookExported { .. } => "handbook.exported.v1",
            Self::ScriptDownloaded { .. } => "script.downloaded.v1",
            Self::PlanDownloaded { .. } => "plan.downloaded.v1",
            Self::ScriptRehearsed { .. } => "script.rehearsed.v1",
            Self::PolicySaved { .. } => "policy.saved.v1",
            Self::PolicyAssigned { .. } => "policy.assigned.v1",
            Self::TeamChanged { .. } => "vm.team_changed.v1",
            Self::EstateDiscovered { .. } => "estate.discovered.v1",
            Self::DiscoveryFailed(_) => "estate.discovery_failed.v1",
            Self::ManagerEnrolled(_) => "manager.enrolled.v1",
            Self::ServerEnrolled(_) => "server.enrolled.v1",
            Self::ConsoleAsked { .. } => "console.asked.v1",
            Self::AccountCreated { .. } => "account.created.v1",
            Self::RolesChanged { .. } => "account.roles_changed.v1",
            Self::AccountDisabled => "account.disabled.v1",
            Self::AccountEnabled => "account.enabled.v1",
            Self::PasswordSet => "password.set.v1",
            Self::PasswordChanged => "password.changed.v1",
            Self::PasswordRefused => "password.refused.v1",
            Self::LoginAccepted => "login.accepted.v1",
            Self::LoginRefused(_) => "login.refused.v1",
            Self::LoginEnded => "login.ended.v1",
            Self::TeamCreated { .. } => "team.created.v1",
            Self::TrailExported => "trail.exported.v1",
            Self::HostKeyChanged { .. } => "host_key.changed.v1",
        }
    }
}

impl AskedFor {
    fn event(&self, stage: &RequestStage) -> &'static str {
        let is_restore = matches!(self, Self::Restore(_));
        let (of_restore, of_change) = match stage {
            RequestStage::Requested { .. } => ("restore.requested.v1", "change.requested.v1"),
            RequestStage::Approved(_) => ("restore.approved.v1", "change.approved.v1"),
            RequestStage::Vetoed(_) => ("restore.vetoed.v1", "change.vetoed.v1"),
            RequestStage::Withdrawn { .. } => ("restore.withdrawn.v1", "change.withdrawn.v1"),
            RequestStage::Expired => ("restore.expired.v1", "change.expired.v1"),
            RequestStage::Missed { .. } => ("restore.window_missed.v1", "change.window_missed.v1"),
            RequestStage::Void(_) => ("restore.approval_void.v1", "change.void.v1"),
        };
        if is_restore { of_restore } else { of_change }
    }
}
