//! Steps that several plans have in common.

use crate::Refusal;
use crate::disks::Site;
use crate::machine::Machine;
use domain::plan::{Action, Check, Place, Probe, Step};
use domain::policy::PolicyRules;
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
    Step::new(
        "definition",
        "Read the definition",
        Place::Manager,
        Action::ReadDefinition { vm, vm_cfg },
    )
}

/// Asks each repository for free space.
pub(crate) fn rooms(sites: &[Site<'_>], bytes: impl Fn(&Site<'_>) -> u64, percent: u8) -> Vec<Step> {
    let room = |site: &Site<'_>| {
        let title = format!("Look for room in the repository {}", site.repository.name);
        let df = shell(Shell::one(["df", "-P", &site.root()]));
        Step::new(format!("room-{}", site.number), title, site.place(), df).checked(Check::FreeSpace {
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
    steps.extend(absent(machine)?);
    // [`absent`] looks on these servers and no others.
    let break_stale = machine.unreachable_pool_servers()?.is_empty();
    steps.extend(lock_server(machine)?.map(|place| {
        let vm = machine.vm.id.clone();
        Step::new(
            "lock",
            "Take the machine's lock",
            place,
            Action::LockVm { vm, break_stale },
        )
    }));
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
        Some(place) => step.undone_by(place, Action::UnlockVm { vm }),
        None => step,
    })
}

fn set_ha(machine: &Machine<'_>, on: bool) -> Action {
    ovmcli(on_vm(machine, "edit").with("highAvailability", if on { "Yes" } else { "No" }))
}

/// High availability off, if it is on: the cluster would restart the machine in the middle.
fn ha_off(machine: &Machine<'_>) -> Option<Step> {
    let step = Step::new(
        "ha-off",
        "Turn high availability off",
        Place::Manager,
        set_ha(machine, false),
    )
    .probed(Probe::HighAvailability {
        vm: machine.vm.id.clone(),
        on: false,
    })
    .undone_by(Place::Manager, set_ha(machine, true));
    machine.vm.high_availability.then_some(step)
}

/// High availability on again, if [`ha_off`] turned it off.
pub(crate) fn ha_on(machine: &Machine<'_>) -> Option<Step> {
    let step = Step::new(
        "ha-on",
        "Turn high availability on again",
        Place::Manager,
        set_ha(machine, true),
    )
    .probed(Probe::HighAvailability {
        vm: machine.vm.id.clone(),
        on: true,
    })
    .always();
    (machine.runs() && machine.vm.high_availability).then_some(step)
}

fn stop(machine: &Machine<'_>, rules: &PolicyRules) -> Result<Vec<Step>, Refusal> {
    let vm = &machine.vm.id;
    let stop =
        Step::new("stop", "Stop the machine", Place::Manager, stop_action(machine, rules)).probed(Probe::VmRunning {
            vm: vm.clone(),
            running: false,
        });
    let stop = unlocked_by_undo(machine, stop)?.undone_by(Place::Manager, ovmcli(on_vm(machine, "start")));
    let stopped = Check::VmRunning {
        vm: vm.clone(),
        running: false,
    };
    if !rules.may_kill {
        return Ok(vec![stop.checked(stopped)]);
    }
    let kill = Step::new(
        "kill",
        "Switch the machine off if it still runs",
        Place::Manager,
        kill_action(machine),
    )
    .probed(Probe::VmRunning {
        vm: vm.clone(),
        running: false,
    })
    .checked(stopped);
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

/// What comes of a machine that does not stop in time; ends a sentence.
pub(crate) fn if_it_goes_on(rules: &PolicyRules) -> &'static str {
    match rules.may_kill {
        true => "it is switched off.",
        false => "the run waits for an administrator: it was asked to stop and may still do so.",
    }
}

/// Switches the machine off.
pub(crate) fn kill_action(machine: &Machine<'_>) -> Action {
    ovmcli(on_vm(machine, "kill"))
}

/// A machine that was stopped when the plan was made must be so when it runs.
fn stays_stopped(machine: &Machine<'_>) -> Result<Step, Refusal> {
    let vm = &machine.vm.id;
    let look = ovmcli(on_vm(machine, "show"));
    let stopped = Step::new("stopped", "See that the machine does not run", Place::Manager, look)
        .checked(Check::VmRunning {
            vm: vm.clone(),
            running: false,
        })
        .probed(Probe::VmRunning {
            vm: vm.clone(),
            running: false,
        });
    unlocked_by_undo(machine, stopped)
}

/// Looks for the machine on every server of its pool that can be reached: the Manager may be wrong, and two machines on
/// one disk destroy it.
fn absent(machine: &Machine<'_>) -> Result<Vec<Step>, Refusal> {
    let look = |(number, server)| {
        let list = shell(Shell::one(["xm", "list"]));
        let title = "See that the machine does not run on this server";
        Step::new(format!("absent-{number}"), title, Place::Server(server), list).checked(Check::NotListed {
            vm: machine.vm.id.clone(),
        })
    };
    Ok((1..).zip(machine.pool_servers()?).map(look).collect())
}

/// What [`quiesce`] cannot make sure of: servers that [`absent`] could not see, and a machine without a lock.
pub(crate) fn left_open(machine: &Machine<'_>) -> Result<Vec<String>, Refusal> {
    let (pool, names) = (machine.pool()?, machine.unreachable_pool_servers()?);
    let unseen = (!names.is_empty()).then(|| {
        format!(
            "{} of the pool cannot be reached: that the machine does not run there is known from the Manager alone.",
            crate::words::list(&names)
        )
    });
    let unlocked = (!pool.is_cluster()).then(|| {
        format!(
            "The server pool {} is no cluster, so there is no lock that keeps the machine from being started. Nobody must \
             start it before the run says so.",
            pool.name
        )
    });
    Ok(unseen.into_iter().chain(unlocked).collect())
}

/// Gives the lock back, where there is one.
pub(crate) fn unlock(machine: &Machine<'_>) -> Result<Option<Step>, Refusal> {
    let vm = machine.vm.id.clone();
    let step = |place| Step::new("unlock", "Give the machine's lock back", place, Action::UnlockVm { vm });
    Ok(lock_server(machine)?.map(step))
}

/// Starts the machine.
pub(crate) fn start(machine: &Machine<'_>) -> Step {
    ends_running(machine, "start", "Start the machine", "start")
}

/// A look that changes nothing: does the machine run?
pub(crate) fn runs_again(machine: &Machine<'_>) -> Step {
    ends_running(machine, "running", "See that the machine runs", "show")
}

/// A step of one command, after which the machine runs.
fn ends_running(machine: &Machine<'_>, key: &str, title: &str, verb: &str) -> Step {
    let vm = machine.vm.id.clone();
    let command = ovmcli(on_vm(machine, verb));
    Step::new(key, title, Place::Manager, command)
        .probed(Probe::VmRunning {
            vm: vm.clone(),
            running: true,
        })
        .checked(Check::VmRunning { vm, running: true })
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
