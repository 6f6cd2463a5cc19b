//! Steps that several plans have in common.

use crate::Refusal;
use crate::disks::Site;
use crate::machine::Machine;
use domain::plan::{
    Action, Check, Conduct, Mark, OnCancel, Place, Probe, Remark, RiskReason, Step, StepTitle, Superseded,
};
use domain::policy::PolicyRules;
use domain::resource::Resource;
use ovm::ovmcli::{Command, check_command};
use ovm::shell::Shell;

/// One OVMCLI command.
pub(crate) fn ovmcli(command: Command) -> Action {
    Action::Ovmcli { command }
}

/// One command line on a server.
pub(crate) fn shell(shell: Shell) -> Action {
    Action::Shell { shell }
}

/// A command on the machine itself.
fn on_vm(machine: &Machine<'_>, verb: &str) -> Command {
    Command::on_id(verb, "Vm", machine.vm.id.as_str())
}

/// Reads the definition and compares it with the preconditions.
pub(crate) fn definition(machine: &Machine<'_>) -> Step {
    let vm = machine.vm.id.clone();
    let vm_cfg = machine.vm_cfg_on_server();
    let read = Action::ReadDefinition { vm, vm_cfg };
    Step::new("definition", StepTitle::ReadDefinition, Place::Manager, read).conducted(Conduct::LOOK)
}

/// Asks each repository for free space.
pub(crate) fn rooms(sites: &[Site<'_>], bytes: impl Fn(&Site<'_>) -> u64, percent: u8) -> Vec<Step> {
    let room = |site: &Site<'_>| {
        let title = StepTitle::CheckFreeSpace {
            repository: site.name(),
        };
        let df = shell(Shell::one(["df", "-P", &site.root()]));
        Step::new(format!("room-{}", site.number), title, site.place(), df)
            .conducted(Conduct::LOOK)
            .checked(Check::FreeSpace {
                at_least_bytes: bytes(site),
                at_least_percent: percent,
            })
    };
    sites.iter().map(room).collect()
}

/// Takes the machine out of service: high availability off, stopped, seen on no server, and locked where its pool is a
/// cluster. The undo of the stop step gives the lock back and starts the machine again; the probe of that step keeps it
/// from touching a machine that runs, whose lock is its own.
pub(crate) fn quiesce(machine: &Machine<'_>, rules: &PolicyRules) -> Result<Vec<Step>, Refusal> {
    let mut steps = Vec::new();
    if machine.runs() {
        steps.extend(ha_off(machine));
        steps.extend(stop(machine, rules)?);
    } else {
        steps.push(stays_stopped(machine)?);
    }
    let looks = absent(machine)?;
    let looked_everywhere = machine.unreachable_pool_servers()?.is_empty();
    let break_after = looks.iter().filter(|_| looked_everywhere).map(|look| look.id.clone());
    let vm = machine.vm.id.clone();
    let lock = Action::LockVm {
        vm,
        break_after: break_after.collect(),
    };
    steps.extend(looks);
    steps.extend(
        lock_server(machine)?
            .map(|place| Step::new("lock", StepTitle::LockVm, place, lock).conducted(Conduct::default().repeatable())),
    );
    Ok(steps)
}

/// The server on which the lock is taken and given back; none where the pool is no cluster, which keeps no locks.
fn lock_server(machine: &Machine<'_>) -> Result<Option<Place>, Refusal> {
    if !machine.pool()?.is_cluster() {
        return Ok(None);
    }
    Ok(machine.pool_servers()?.into_iter().next().map(Place::Server))
}

/// The step gives the lock back when it is undone, where there is one.
fn unlocked_by_undo(machine: &Machine<'_>, step: Step) -> Result<Step, Refusal> {
    let vm = machine.vm.id.clone();
    Ok(match lock_server(machine)? {
        Some(place) => step.undone_unless(Superseded::ByLock, place, Action::UnlockVm { vm }),
        None => step,
    })
}

fn set_ha(machine: &Machine<'_>, on: bool) -> Action {
    ovmcli(on_vm(machine, "edit").with("highAvailability", if on { "Yes" } else { "No" }))
}

/// The flag of the machine is one that others may set, too.
fn ha_step(machine: &Machine<'_>, id: &str, title: StepTitle, on: bool) -> Step {
    let conduct = Conduct {
        may_settle_itself: true,
        ..Conduct::JOB
    };
    Step::new(id, title, Place::Manager, set_ha(machine, on))
        .conducted(conduct)
        .probed(Probe::HighAvailability {
            vm: machine.vm.id.clone(),
            on,
        })
}

/// High availability off, if it is on: the cluster would restart the machine in the middle.
fn ha_off(machine: &Machine<'_>) -> Option<Step> {
    let step = ha_step(machine, "ha-off", StepTitle::HighAvailabilityOff, false);
    let step = step.undone_by(Place::Manager, set_ha(machine, true));
    machine.vm.high_availability.then_some(step)
}

/// High availability on again, if [`ha_off`] turned it off.
pub(crate) fn ha_on(machine: &Machine<'_>) -> Option<Step> {
    let step = ha_step(machine, "ha-on", StepTitle::HighAvailabilityOn, true);
    let conduct = step.conduct.on_cancel(OnCancel::Finish);
    (machine.runs() && machine.vm.high_availability).then(|| step.conducted(conduct).always())
}

fn shown_running(machine: &Machine<'_>, running: bool) -> Probe {
    let vm = machine.vm.id.clone();
    Probe::VmRunning { vm, running }
}

fn must_be_running(machine: &Machine<'_>, running: bool) -> Check {
    let vm = machine.vm.id.clone();
    Check::VmRunning { vm, running }
}

fn stop(machine: &Machine<'_>, rules: &PolicyRules) -> Result<Vec<Step>, Refusal> {
    let stop = Step::new("stop", StepTitle::StopVm, Place::Manager, stop_action(machine, rules))
        .conducted(Conduct::STATE.repeatable())
        .probed(shown_running(machine, false))
        .marked(Mark::StoppedIfThere);
    let start_again = ovmcli(on_vm(machine, "start"));
    let stop = unlocked_by_undo(machine, stop)?.undone_unless(Superseded::ByAnyChange, Place::Manager, start_again);
    if !rules.may_kill {
        let stopped = stop.checked(must_be_running(machine, false));
        return Ok(vec![stopped.marked(Mark::StoppedIfDone)]);
    }
    let kill = Step::new("kill", StepTitle::PowerOffVm, Place::Manager, kill_action(machine))
        .conducted(Conduct::STATE)
        .probed(shown_running(machine, false))
        .checked(must_be_running(machine, false))
        .marked(Mark::StoppedIfThere)
        .marked(Mark::StoppedIfDone);
    Ok(vec![stop, kill])
}

/// Asks the machine to stop; when the policy allows to switch it off, a step for that follows.
pub(crate) fn stop_action(machine: &Machine<'_>, rules: &PolicyRules) -> Action {
    Action::StopVm {
        vm: machine.vm.id.clone(),
        patience_secs: rules.patience_secs,
        lenient: rules.may_kill,
    }
}

/// What comes of a machine that does not stop in time.
pub(crate) fn shutdown(rules: &PolicyRules) -> RiskReason {
    RiskReason::Shutdown {
        patience_secs: rules.patience_secs,
        power_off: rules.may_kill,
    }
}

/// Switches the machine off.
pub(crate) fn kill_action(machine: &Machine<'_>) -> Action {
    ovmcli(on_vm(machine, "kill"))
}

/// A machine that was stopped when the plan was made must be so when it runs.
fn stays_stopped(machine: &Machine<'_>) -> Result<Step, Refusal> {
    let look = ovmcli(on_vm(machine, "show"));
    let stopped = Step::new("stopped", StepTitle::CheckStopped, Place::Manager, look)
        .conducted(Conduct::STATE.repeatable())
        .checked(must_be_running(machine, false))
        .probed(shown_running(machine, false))
        .marked(Mark::StoppedIfThere)
        .marked(Mark::StoppedIfDone);
    unlocked_by_undo(machine, stopped)
}

/// Looks for the machine on every server of its pool that can be reached: the Manager may be wrong, and two machines on
/// one disk destroy it.
fn absent(machine: &Machine<'_>) -> Result<Vec<Step>, Refusal> {
    let look = |(number, server)| {
        let (id, title) = (format!("absent-{number}"), StepTitle::CheckStoppedOnServer);
        let list = shell(Shell::one(["xm", "list"]));
        let vm = machine.vm.id.clone();
        Step::new(id, title, Place::Server(server), list)
            .conducted(Conduct::LOOK)
            .checked(Check::NotListed { vm })
    };
    Ok((1..).zip(machine.pool_servers()?).map(look).collect())
}

/// What [`quiesce`] cannot make sure of: servers that [`absent`] could not see, and a machine without a lock.
pub(crate) fn left_open(machine: &Machine<'_>) -> Result<Vec<Remark>, Refusal> {
    let (pool, servers) = (machine.pool()?, machine.unreachable_pool_servers()?);
    let unseen = (!servers.is_empty()).then_some(Remark::UnseenServers { servers });
    let unlocked = (!pool.is_cluster()).then(|| Remark::NoLock {
        pool: pool.name.clone(),
    });
    Ok(unseen.into_iter().chain(unlocked).collect())
}

/// Gives the lock back, where there is one.
pub(crate) fn unlock(machine: &Machine<'_>) -> Result<Option<Step>, Refusal> {
    let vm = machine.vm.id.clone();
    let step = |place| {
        Step::new("unlock", StepTitle::UnlockVm, place, Action::UnlockVm { vm })
            .conducted(Conduct::default().repeatable())
    };
    Ok(lock_server(machine)?.map(step))
}

/// Starts the machine.
pub(crate) fn start(machine: &Machine<'_>) -> Step {
    ends_running(machine, "start", StepTitle::StartVm, "start").conducted(Conduct::STATE)
}

/// A look that changes nothing: does the machine run?
pub(crate) fn runs_again(machine: &Machine<'_>) -> Step {
    ends_running(machine, "running", StepTitle::CheckRunning, "show").conducted(Conduct::STATE.repeatable())
}

/// A step of one command, after which the machine runs.
fn ends_running(machine: &Machine<'_>, key: &str, title: StepTitle, verb: &str) -> Step {
    Step::new(key, title, Place::Manager, ovmcli(on_vm(machine, verb)))
        .probed(shown_running(machine, true))
        .checked(must_be_running(machine, true))
}

/// Steps that move disks, with all that lies between the first moment at which others would be held up by waiting, or
/// the estate would carry a snapshot, and the last. A run takes its place in the queue before it begins them.
pub(crate) fn transferring(steps: Vec<Step>) -> Vec<Step> {
    let needing = |step: Step| step.needing(Resource::Transfer);
    steps.into_iter().map(needing).collect()
}

/// Every command of the Manager in the words of its release.
///
/// # Errors
/// [`Refusal::NotInRelease`] when the release has no words for one.
pub(crate) fn in_words_of_release(machine: &Machine<'_>, mut steps: Vec<Step>) -> Result<Vec<Step>, Refusal> {
    let version = machine.estate.release().version;
    for step in &mut steps {
        let undo = step.undo.iter_mut().map(|undo| &mut undo.action);
        for action in [&mut step.action].into_iter().chain(undo) {
            let Action::Ovmcli { command } = action else { continue };
            *command = command.clone().in_words_of(version);
            if let Some(finding) = check_command(command, version).into_iter().next() {
                return Err(Refusal::NotInRelease {
                    release: machine.estate.version.clone(),
                    reason: finding.message,
                });
            }
        }
    }
    Ok(steps)
}
