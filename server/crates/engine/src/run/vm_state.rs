//! Asking the Manager about one machine, and waiting for it to get somewhere.

use super::{Effect, StepError};
use crate::estate::{Reach, ReachError};
use ovm::estate::{VmState, read};
use ovm::ids::VmId;
use ovm::ovmcli::Command;
use ovm::ovmcli::answer::Item;
use std::time::Duration;

const POLL: Duration = Duration::from_millis(500);
/// How long a machine gets to appear or to be gone after the Manager has agreed.
const SETTLE_SECS: u32 = 60;

/// State and high availability of a machine.
pub(crate) struct Seen {
    pub state: VmState,
    pub high_availability: bool,
}

/// What the Manager shows of a machine now.
pub(crate) async fn look(reach: &Reach, vm: &VmId) -> Result<Seen, ReachError> {
    let item = Item {
        id: vm.to_string(),
        name: String::new(),
    };
    let answer = reach.ask(&Command::on_id("show", "Vm", vm.as_str())).await?;
    let head = read::vm(&item, &answer).map_err(|error| ReachError::Unreadable {
        command: format!("show Vm id={vm}"),
        reason: error.to_string(),
    })?;
    Ok(Seen {
        state: head.vm.state,
        high_availability: head.vm.high_availability,
    })
}

/// Waits until the machine runs, or does not.
pub(crate) async fn await_running(reach: &Reach, vm: &VmId, running: bool) -> Result<(), StepError> {
    if settles(reach, vm, running, SETTLE_SECS).await? {
        return Ok(());
    }
    let wanted = if running { "running" } else { "stopped" };
    Err(StepError::failed(format!(
        "The Manager does not show the machine {vm} as {wanted} after {SETTLE_SECS} seconds."
    )))
}

/// Asks the machine to stop and gives it time. A machine that cannot be asked is waited for all the same: the answer of
/// `stop` can be late or lost while the guest shuts down.
pub(crate) async fn stop(reach: &Reach, vm: &VmId, patience_secs: u32, lenient: bool) -> Result<Effect, StepError> {
    let answer = reach.tell(&Command::on_id("stop", "Vm", vm.as_str())).await;
    if settles(reach, vm, false, patience_secs).await? {
        return Ok(Effect::observed("The machine has stopped."));
    }
    let why = match answer {
        Ok(_) => format!("The machine {vm} still runs {patience_secs} seconds after it was asked to stop."),
        Err(error) => format!("The machine {vm} still runs after {patience_secs} seconds: {error}"),
    };
    if lenient {
        Ok(Effect::observed(why))
    } else {
        Err(StepError::failed(why))
    }
}

async fn settles(reach: &Reach, vm: &VmId, running: bool, within_secs: u32) -> Result<bool, ReachError> {
    let wanted = if running { VmState::Running } else { VmState::Stopped };
    let polls = u64::from(within_secs) * 1000 / POLL.as_millis() as u64;
    for _ in 0..=polls {
        if look(reach, vm).await?.state == wanted {
            return Ok(true);
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(false)
}
