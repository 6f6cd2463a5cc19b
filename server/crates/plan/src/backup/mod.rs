//! Backups: which method is possible, what it means for the machine, and the steps that all methods share.

mod manager_clone;
mod reflink;
mod stop_copy_start;

use crate::disks::{FileDisk, Site};
use crate::machine::Machine;
use crate::parts::in_words_of_release;
use crate::words::{count, size};
use crate::{Context, Refusal, not_contained, parts};
use domain::ids::PointId;
use domain::plan::{Action, Place, Plan, Purpose, Risk, RiskClass, Step};
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
    fn method(&self) -> (BackupMethod, Vec<String>) {
        let wish = self.rules.method;
        let unfit = self
            .sites
            .iter()
            .map(|site| site.repository)
            .find(|at| at.kind != RepositoryKind::Ocfs2);
        match unfit {
            Some(repository) if wish != BackupMethod::StopCopyStart => {
                let why = match repository.kind {
                    RepositoryKind::Nfs => "lies on a network share, where files cannot share blocks",
                    _ => "is of a kind that the Manager does not tell",
                };
                let remark = format!(
                    "The policy wants “{}”. The repository {} {why}, so “{}” takes its place.",
                    wish.title(),
                    repository.name,
                    BackupMethod::StopCopyStart.title()
                );
                (BackupMethod::StopCopyStart, vec![remark])
            }
            _ => (wish, Vec::new()),
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

    fn remarks(&self, method: BackupMethod) -> Result<Vec<String>, Refusal> {
        let mut remarks = vec![self.amount(), self.consistency(method)];
        remarks.extend(self.shared_disks());
        if method == BackupMethod::StopCopyStart {
            remarks.extend(parts::left_open(&self.machine)?);
        }
        Ok(remarks)
    }

    /// How much will be read, as far as it is known.
    fn amount(&self) -> String {
        let used: Option<u64> = self.disks.iter().map(|disk| disk.disk.used_bytes).sum();
        let disks = count(self.disks.len(), "disk");
        match used {
            // The Manager rounds to a tenth of a GiB.
            Some(0) => format!("Less than 100 MiB of {disks} will be read; holes are skipped."),
            Some(used) => format!("About {} of {disks} will be read; holes are skipped.", size(used)),
            None => format!("{disks} will be read; how much data is in use is not known."),
        }
    }

    fn consistency(&self, method: BackupMethod) -> String {
        let words = if !self.machine.runs() || method == BackupMethod::StopCopyStart {
            "The machine does not run while its disks are taken: they are as after a clean shutdown."
        } else if self.disks.len() == 1 {
            "The disk is taken while the machine runs: it will be as after a power failure."
        } else {
            "The disks are taken one after the other while the machine runs: each will be as after a power failure, but \
             not all of the same instant."
        };
        words.to_owned()
    }

    fn shared_disks(&self) -> Vec<String> {
        let vm = &self.machine.vm.id;
        let shared = |disk: &FileDisk<'_>| {
            let other = self.machine.estate.vms_sharing_disk(&disk.disk.id, vm).next()?;
            Some(format!(
                "The disk {} is mapped to the machine {}, too, which may write to it meanwhile.",
                disk.disk.name, other.name
            ))
        };
        self.disks.iter().filter_map(shared).collect()
    }

    fn risk(&self, method: BackupMethod) -> Risk {
        if method != BackupMethod::StopCopyStart {
            let reason = "The machine is left as it is; only a snapshot of its disks is made, copied and removed.";
            return Risk {
                class: RiskClass::Low,
                reasons: vec![reason.to_owned()],
            };
        }
        if !self.machine.runs() {
            let reason = "The machine does not run. It is locked, so that nobody starts it while its disks are copied.";
            return Risk {
                class: RiskClass::Low,
                reasons: vec![reason.to_owned()],
            };
        }
        let mut reasons = vec![
            "The machine is stopped, its disks are copied, it is started again.".to_owned(),
            format!("It gets {} seconds to shut down.", self.rules.patience_secs),
        ];
        reasons.push(format!("If it does not, {}", parts::if_it_goes_on(self.rules)));
        Risk {
            class: RiskClass::Interrupting,
            reasons,
        }
    }

    /// One copy step for each disk, from where `path` says. What is stored is forgotten when the run goes back.
    fn copies(&self, path: impl Fn(&FileDisk<'_>) -> String) -> Vec<Step> {
        let copy = |disk: &FileDisk<'_>| {
            let action = Action::CopyDisk {
                source: disk.on_server(path(disk)),
                slot: disk.slot,
                disk: disk.disk.id.clone(),
                file: format!("disk-{}.img", disk.slot),
            };
            let title = format!("Copy {}", disk.words());
            Step::new(format!("copy-{}", disk.slot), title, Place::Holdfast, action)
        };
        let mut steps: Vec<Step> = self.disks.iter().map(copy).collect();
        if let Some(first) = steps.first_mut() {
            *first = first.clone().undone_by(Place::Holdfast, Action::DiscardStored);
        }
        steps
    }
}

/// From the copied disks to a recovery point. Once `publish` is done the point stays, whatever comes after: the executor
/// knows this step by its id and does not go back behind it.
fn publish() -> [Step; 3] {
    let step = |id: &str, title: &str, action| Step::new(id, title, Place::Holdfast, action);
    [
        step(
            "store",
            "Store definition, rebuild script and manifest",
            Action::StoreDefinition,
        ),
        step("read-back", "Read the stored disks back", Action::ReadBack),
        step("publish", "Publish the recovery point", Action::Publish),
    ]
}
