//! Asking the Manager about one machine, and waiting for it to get somewhere.

use super::{Effect, StepError, about_vm};
use crate::estate::{Reach, ReachError};
use domain::fault::VmFault;
use domain::note::Note;
use ovm::estate::{VmState, read};
use ovm::ids::{MappingId, VmId};
use ovm::ovmcli::Command;
use ovm::ovmcli::answer::{Answer, Item, Property};
use std::time::Duration;

/// How long a machine gets to appear or to be gone after the Manager has agreed.
const SETTLE_SECS: u32 = 60;

/// A machine as the Manager shows it.
pub(crate) struct Seen {
    pub state: VmState,
    pub high_availability: bool,
    /// A job holds it.
    pub locked: bool,
    /// Its disk mappings.
    pub mappings: Vec<MappingId>,
}

/// What the Manager shows of a machine now.
pub(crate) async fn look(reach: &Reach, vm: &VmId) -> Result<Seen, ReachError> {
    let item = Item {
        id: vm.to_string(),
        name: String::new(),
    };
    let answer = reach.ask(&Command::on_id("show", "Vm", vm.as_str())).await?;
    let head = read::vm(&item, &answer).map_err(|error| ReachError::unreadable("Vm", vm.as_str(), error))?;
    Ok(Seen {
        state: head.vm.state,
        high_availability: head.vm.high_availability,
        locked: answer.property("Locked").is_some_and(Property::says_yes),
        mappings: head.mapping_refs,
    })
}

/// Waits until the machine runs, or does not.
pub(crate) async fn await_running(reach: &Reach, vm: &VmId, running: bool) -> Result<(), StepError> {
    if settles(reach, vm, running, SETTLE_SECS).await? {
        return Ok(());
    }
    let seconds = SETTLE_SECS;
    Err(StepError::of_vm(vm, VmFault::NotSettled { running, seconds }))
}

/// Waits until no job holds the machine: what a command did whose connection was lost can only be seen when its job has
/// ended. A machine that cannot be looked at holds nobody up, because whoever comes next will say why.
///
/// # Errors
/// [`StepError::Unknown`] when a job holds it for longer than jobs get.
pub(crate) async fn await_free(reach: &Reach, vm: &VmId) -> Result<(), StepError> {
    free(reach, vm).await.map(|_| ())
}

/// What the Manager shows of a machine when no job holds it: one that is just starting is called stopped until it runs.
///
/// # Errors
/// [`StepError::Unknown`] when a job holds it for longer than jobs get; others when it cannot be looked at.
pub(crate) async fn look_when_free(reach: &Reach, vm: &VmId) -> Result<Seen, StepError> {
    Ok(free(reach, vm).await??)
}

async fn free(reach: &Reach, vm: &VmId) -> Result<Result<Seen, ReachError>, StepError> {
    let limit = reach.limits().job;
    let until = reach
        .now()
        .plus_seconds(i64::try_from(limit.as_secs()).unwrap_or(i64::MAX));
    loop {
        let seen = look(reach, vm).await;
        if !seen.as_ref().is_ok_and(|seen| seen.locked) {
            return Ok(seen);
        }
        if reach.now() >= until {
            let seconds = limit.as_secs();
            return Err(StepError::Unknown(about_vm(vm, VmFault::Busy { seconds })));
        }
        tokio::time::sleep(reach.rhythm().machine).await;
    }
}

/// Asks the machine to stop and gives it time. A machine that cannot be asked is waited for all the same: the answer of
/// `stop` can be late or lost while the guest shuts down.
pub(crate) async fn stop(reach: &Reach, vm: &VmId, patience_secs: u32, lenient: bool) -> Result<Effect, StepError> {
    let answer = match ask_to_stop(reach, vm, patience_secs).await {
        Err(error) if error.is_lease_lost() => return Err(error.into()),
        answer => answer,
    };
    if settles(reach, vm, false, patience_secs).await? {
        return Ok(Effect::noting(Note::Stopped));
    }
    let found = VmFault::MayStillStop {
        seconds: patience_secs,
        turned_back: false,
        because: answer.err().map(|error| Box::new(error.fault().into())),
    };
    let fault = about_vm(vm, found);
    match lenient {
        true => Ok(Effect::noting(Note::Failed(fault))),
        false => Err(StepError::Pending(fault)),
    }
}

/// A guest that has not heard of it must not be switched off for that: where the answer was lost and the machine still
/// runs when no job holds it any more, it is asked once more.
///
/// The command answers when the guest is down, so it gets the guest's time beside that for an answer.
async fn ask_to_stop(reach: &Reach, vm: &VmId, patience_secs: u32) -> Result<Answer, ReachError> {
    let stop = Command::on_id("stop", "Vm", vm.as_str());
    let limit = reach.limits().question + Duration::from_secs(patience_secs.into());
    match reach.tell_within(&stop, limit).await {
        Err(error) if error.leaves_outcome_open() => {
            if await_free(reach, vm).await.is_err() {
                return Err(error);
            }
            match look(reach, vm).await?.state {
                VmState::Running => reach.tell_within(&stop, limit).await,
                _ => Err(error),
            }
        }
        answer => answer,
    }
}

async fn settles(reach: &Reach, vm: &VmId, running: bool, within_secs: u32) -> Result<bool, ReachError> {
    let wanted = if running { VmState::Running } else { VmState::Stopped };
    let polls = u128::from(within_secs) * 1000 / reach.rhythm().machine.as_millis().max(1);
    for _ in 0..=polls {
        if look(reach, vm).await?.state == wanted {
            return Ok(true);
        }
        tokio::time::sleep(reach.rhythm().machine).await;
    }
    Ok(false)
}
