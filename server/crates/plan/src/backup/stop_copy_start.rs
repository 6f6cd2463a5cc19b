//! Stop, copy, start: the only way where files cannot share blocks. The machine is down only while its disks are
//! copied; what follows is done when it runs again.

use super::{Backup, publish};
use crate::Refusal;
use crate::parts::{definition, ha_on, quiesce, start, transferring, unlock};
use domain::plan::{Check, Mark, Step, Superseded};

pub(super) fn steps(backup: &Backup<'_>) -> Result<Vec<Step>, Refusal> {
    let machine = &backup.machine;
    let mut steps = vec![definition(machine)];
    let mut moving = quiesce(machine, backup.rules)?;
    let vm = &machine.vm.id;
    let copies = backup.copies(|disk| disk.path()).into_iter();
    moving.extend(copies.map(|copy| {
        copy.guarded(machine.must_be_stopped())
            .checked(Check::NotRunning { vm: vm.clone() })
            .marked(Mark::PointInTime)
    }));
    steps.extend(transferring(moving));
    steps.extend(unlock(machine)?);
    if machine.runs() {
        steps.push(start(machine).always().void_if(Superseded::ByAnyChange));
    }
    steps.extend(ha_on(machine));
    steps.extend(publish(backup.rules));
    Ok(steps)
}
