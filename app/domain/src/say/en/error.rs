//! What a service answers when it cannot do what was asked.

use crate::actor::Permission;
use crate::error::{Errand, Missing, ServiceError, Thing};
use crate::fault::HostFault;
use crate::say::Told;

pub(in crate::say) fn error(error: &ServiceError) -> Told {
    match error {
        ServiceError::NotLoggedIn => Told::new("You are not logged in.", "Log in and try again."),
        ServiceError::OtherOrigin => Told::new(
            "This request did not come from a page of Holdfast, so nothing was done.",
            "Open Holdfast in this browser and try again there. Behind a reverse proxy, make the proxy pass on the \
             header Host.",
        ),
        ServiceError::Forbidden { deed, missing } => forbidden(*deed, *missing),
        ServiceError::NotFound { what, id } => {
            Told::all(format!("There is no {} {id}, or you may not see it.", thing(*what)))
        }
        ServiceError::Invalid { field, why } => Told::all(format!("{field}: {}", super::flaw::invalid(why))),
        ServiceError::Conflict(why) => super::conflict::conflict(why),
        ServiceError::Estate { fault, during } => estate(fault, *during),
        ServiceError::TooMany { seconds } => {
            Told::new("Too many attempts.", format!("Wait {seconds} seconds and try again."))
        }
        ServiceError::Internal { reference } => Told::new(
            "Something failed inside Holdfast.",
            format!("An administrator can find the details in the log under the reference {reference}."),
        ),
    }
}

fn forbidden(deed: Permission, missing: Missing) -> Told {
    let reach = match missing {
        Missing::Role => "",
        Missing::ForAll => " for everything",
        Missing::ForTeam => " for everything, or for the team it belongs to",
    };
    Told::new(
        format!("You may not {}.", self::deed(deed)),
        format!(
            "This needs the role {}{reach}; ask an administrator.",
            deed.first_role().title()
        ),
    )
}

/// As the end of "You may not".
fn deed(deed: Permission) -> &'static str {
    match deed {
        Permission::ViewEstate => "see this",
        Permission::ViewRuns => "see job runs",
        Permission::RunBackup => "run backups",
        Permission::DownloadArtefacts => "download scripts and manifests",
        Permission::RequestRestore => "request restores",
        Permission::EditPolicies => "change protection policies",
        Permission::DecideRequests => "decide requests",
        Permission::ReadAudit => "read the audit trail",
        Permission::ViewAccounts => "see accounts",
        Permission::Administer => "administer Holdfast",
        Permission::SettleRuns => "settle a run with an unknown outcome",
    }
}

pub(super) fn thing(what: Thing) -> &'static str {
    match what {
        Thing::Page => "page",
        Thing::File => "file",
        Thing::Estate => "estate",
        Thing::EstatePart => "part of the estate",
        Thing::Revision => "revision",
        Thing::Manager => "Manager",
        Thing::Vm => "VM",
        Thing::Server => "server",
        Thing::ServerPool => "server pool",
        Thing::PoolFileSystem => "pool file system",
        Thing::StorageRepository => "storage repository",
        Thing::Object(kind) => kind.words(),
        Thing::ObjectType => "type of object",
        Thing::RebuildScript => "rebuild script",
        Thing::Handbook => "handbook",
        Thing::ProtectionPolicy => "protection policy",
        Thing::BackupTarget => "backup target",
        Thing::RecoveryPoint => "recovery point",
        Thing::Request => "request",
        Thing::Plan => "plan",
        Thing::JobRun => "job run",
        Thing::Account => "account",
    }
}

fn estate(fault: &HostFault, during: Errand) -> Told {
    let remedy = match during {
        Errand::Reading => {
            "Nothing was changed. Check the host and its enrolment under Administration, then try again."
        }
        Errand::Enrolling => "Nothing was stored. Check host, port and network, then try again.",
        Errand::Asking => "Nothing was changed. Ask again once it answers.",
    };
    Told::new(super::host::fault(fault), remedy)
}
