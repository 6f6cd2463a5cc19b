//! Guards: what a step demands of the estate at the moment before it acts or is undone.

use super::execution::Execution;
use super::vm_state::Seen;
use super::{StepError, about_vm, facts, vm_state};
use domain::fault::VmFault;
use domain::plan::Guard;
use ovm::estate::VmState;
use ovm::ids::VmId;

impl Execution {
    /// Sees that all of them hold.
    ///
    /// # Errors
    /// [`StepError::Unknown`] when a machine runs whose files were about to be touched; [`StepError::Failed`] with what else
    /// is not as it must be.
    pub(super) async fn see_that_guards_hold(&self, guards: &[Guard]) -> Result<(), StepError> {
        for guard in guards {
            match guard {
                Guard::VmStopped { vm } => drop(self.see_stopped(vm).await?),
                Guard::DiskReplaceable { disk } => {
                    let vm = self.vm()?;
                    let seen = vm_state::look_when_free(&self.reach, vm).await?;
                    facts::still_replaceable(&self.reach, self.plan(), disk, &seen.mappings).await?;
                }
            }
        }
        Ok(())
    }

    /// Somebody may have started the machine since it was stopped, or do so just now.
    async fn see_stopped(&self, vm: &VmId) -> Result<Seen, StepError> {
        let seen = vm_state::look_when_free(&self.reach, vm).await?;
        match seen.state {
            VmState::Stopped => Ok(seen),
            _ => Err(StepError::Unknown(about_vm(vm, VmFault::Started))),
        }
    }
}
