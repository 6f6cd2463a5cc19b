//! Backups: which method is possible, what it means for the machine, and the steps that all methods share.

mod manager_clone;
mod reflink;
mod stop_copy_start;

use crate::disks::{FileDisk, Site};
use crate::machine::Machine;
use crate::parts::in_words_of_release;
use crate::{Context, Refusal, not_contained, parts};
use domain::ids::PointId;
use domain::plan::{
    Action, Conduct, NoReturn, Place, Plan, Purpose, Remark, Risk, RiskClass, RiskReason, Said, Step, StepTitle,
};
use domain::point::Consistency;
use domain::policy::{BackupMethod, Policy, PolicyRules};
use ovm::estate::{Estate, RepositoryKind};
use ovm::ids::VmId;

/// What all methods know.
struct Backup<'a> {
    machine: Machine<'a>,
    rules: &'a PolicyRules,
    /// At least one, in the order of the slots.
    disks: Vec<FileDisk<'a>>,
    sites: Vec<Site<'a>>,
}

/// Plans a backup of a machine under a policy. The same estate, policy and context give the same plan.
///
/// # Errors
/// [`Refusal`] when something stands in the way.
pub fn plan_backup(
    estate: &Estate,
    vm: &VmId,
    policy: &Policy,
    point: &PointId,
    context: &Context,
) -> Result<Plan, Refusal> {
    let machine = Machine::find(estate, vm, context)?;
    let disks = machine.file_disks(|_| true)?;
    if disks.is_empty() {
        return Err(Refusal::NoFileDisks {
            vm: machine.vm.name.clone(),
        });
    }
    let backup = Backup {
        machine,
        rules: &policy.rules,
        sites: Site::of(&disks),
        disks,
    };
    let (method, mut remarks) = backup.method();
    if method == BackupMethod::ManagerClone {
        backup.may_clone()?;
    }
    let steps = match method {
        BackupMethod::ManagerClone => manager_clone::steps(&backup)?,
        BackupMethod::Reflink => reflink::steps(&backup),
        BackupMethod::StopCopyStart => stop_copy_start::steps(&backup)?,
    };
    remarks.extend(backup.remarks(method)?);
    let purpose = Purpose::Backup {
        point: point.clone(),
        method,
        policy: policy.id.clone(),
        policy_name: policy.rules.name.clone(),
    };
    let mut missing = not_contained(estate, machine.vm);
    missing.extend(machine.missing_vm_cfg());
    let steps = in_words_of_release(&machine, steps)?;
    Ok(Plan {
        header: machine.header(purpose, backup.risk(method), missing, remarks),
        preconditions: machine.preconditions(&steps)?,
        steps,
    })
}

impl Backup<'_> {
    /// The method that is used, and why it is not the policy's.
    fn method(&self) -> (BackupMethod, Vec<Remark>) {
        let (wanted, used) = (self.rules.method, BackupMethod::StopCopyStart);
        let mut repositories = self.sites.iter().map(|site| site.repository);
        match repositories.find(|at| at.kind != RepositoryKind::Ocfs2) {
            Some(repository) if wanted != used => {
                let replaced = Remark::MethodReplaced {
                    wanted,
                    used,
                    repository: repository.name.clone(),
                    network_share: repository.kind == RepositoryKind::Nfs,
                };
                (used, vec![replaced])
            }
            _ => (wanted, Vec::new()),
        }
    }

    /// Whether the Manager's release can clone the machine as [`manager_clone`] asks it to.
    fn may_clone(&self) -> Result<(), Refusal> {
        let Machine { estate, vm, .. } = self.machine;
        let (vm, release) = (vm.name.clone(), estate.version.clone());
        if !estate.release().has_clone_customizers() {
            return Err(Refusal::NoCloneCustomizers { vm, release });
        }
        if self.machine.runs() && !estate.release().clones_running_machines() {
            return Err(Refusal::NoHotClone { vm, release });
        }
        Ok(())
    }

    fn remarks(&self, method: BackupMethod) -> Result<Vec<Remark>, Refusal> {
        let mut remarks = vec![
            Remark::WillRead {
                disks: self.disks.len(),
                bytes: self.disks.iter().map(|disk| disk.disk.used_bytes).sum(),
            },
            Remark::Consistency {
                consistency: Consistency::of(method, self.machine.runs(), self.disks.len()),
            },
        ];
        remarks.extend(self.shared_disks());
        if method == BackupMethod::StopCopyStart {
            remarks.extend(parts::left_open(&self.machine)?);
        }
        Ok(remarks)
    }

    fn shared_disks(&self) -> Vec<Remark> {
        let vm = &self.machine.vm.id;
        let shared = |disk: &FileDisk<'_>| {
            let other = self.machine.estate.vms_sharing_disk(&disk.disk.id, vm).next()?;
            Some(Remark::SharedDisk {
                disk: disk.disk.name.clone(),
                other: other.name.clone(),
            })
        };
        self.disks.iter().filter_map(shared).collect()
    }

    fn risk(&self, method: BackupMethod) -> Risk {
        let (class, reasons) = match (method, self.machine.runs()) {
            (BackupMethod::StopCopyStart, true) => (
                RiskClass::Interrupting,
                vec![RiskReason::StoppedWhileCopied, parts::shutdown(self.rules)],
            ),
            (BackupMethod::StopCopyStart, false) => (RiskClass::Low, vec![RiskReason::LockedWhileCopied]),
            _ => (RiskClass::Low, vec![RiskReason::OnlySnapshot]),
        };
        Risk {
            class,
            reasons: reasons.into_iter().map(Said::from).collect(),
        }
    }

    /// One copy step for each disk, from where `path` says. What is stored is forgotten when the run goes back.
    fn copies(&self, path: impl Fn(&FileDisk<'_>) -> String) -> Vec<Step> {
        let copy = |disk: &FileDisk<'_>| {
            let action = Action::CopyDisk {
                target: self.rules.target.clone(),
                source: disk.on_server(path(disk)),
                slot: disk.slot,
                disk: disk.disk.id.clone(),
                file: format!("disk-{}.img", disk.slot),
            };
            let title = StepTitle::CopyDisk { disk: disk.named() };
            Step::new(format!("copy-{}", disk.slot), title, Place::Holdfast, action)
        };
        let mut steps: Vec<Step> = self.disks.iter().map(copy).collect();
        if let Some(first) = steps.first_mut() {
            let target = self.rules.target.clone();
            *first = first
                .clone()
                .undone_by(Place::Holdfast, Action::DiscardStored { target });
        }
        steps
    }
}

/// From the copied disks to a recovery point. Once it is published it stays, whatever comes after.
fn publish(rules: &PolicyRules) -> [Step; 3] {
    let target = || rules.target.clone();
    let step = |id: &str, title, action| Step::new(id, title, Place::Holdfast, action);
    let read_back = Conduct {
        repeatable: false,
        ..Conduct::LOOK
    };
    [
        step(
            "store",
            StepTitle::StoreDefinition,
            Action::StoreDefinition { target: target() },
        ),
        step("read-back", StepTitle::ReadBack, Action::ReadBack { target: target() }).conducted(read_back),
        step("publish", StepTitle::Publish, Action::Publish { target: target() }).no_return(NoReturn::OnceDone),
    ]
}
