//! Checks: what must be true after an action.

use super::probe::{exists, resolved};
use super::restored::RestoredDisks;
use super::{StepError, vm_state};
use crate::estate::Reach;
use domain::fault::{Fault, FileFault, VmFault};
use domain::plan::{Bindings, Check};
use ovm::estate::VmState;

/// Checks, with what the action has printed.
pub(crate) async fn check(
    reach: &Reach,
    disks: &RestoredDisks,
    check: &Check,
    printed: &str,
    bindings: &Bindings,
) -> Result<(), StepError> {
    match check {
        Check::FreeSpace {
            at_least_bytes,
            at_least_percent,
        } => free_space(printed, *at_least_bytes, *at_least_percent).map_err(StepError::Failed),
        Check::NotListed { vm } => {
            if printed
                .lines()
                .any(|line| line.split_whitespace().next() == Some(vm.as_str()))
            {
                return Err(StepError::of_vm(vm, VmFault::RunsUnseen));
            }
            Ok(())
        }
        Check::VmRunning { vm, running } => vm_state::await_running(reach, vm, *running).await,
        Check::NotRunning { vm } => match vm_state::look_when_free(reach, vm).await?.state {
            VmState::Stopped => Ok(()),
            _ => Err(StepError::of_vm(vm, VmFault::StartedDuringCopy)),
        },
        Check::Sha256 { file, sha256 } => {
            let file = resolved(file, bindings)?;
            match disks.difference(reach, &file, sha256).await? {
                None => Ok(()),
                Some(difference) => Err(StepError::of_file(&file, FileFault::Differs(difference))),
            }
        }
        Check::FilesExist { files } => {
            for file in files {
                let file = resolved(file, bindings)?;
                if !exists(reach, &file).await? {
                    return Err(StepError::of_file(&file, FileFault::Missing));
                }
            }
            Ok(())
        }
    }
}

/// Reads `df -P`: one line a file system, sizes in KiB, the last one counts.
fn free_space(df: &str, at_least_bytes: u64, at_least_percent: u8) -> Result<(), Fault> {
    let unreadable = || Fault::Unreadable {
        command: "df".to_owned(),
        printed: df.trim().to_owned(),
    };
    let line = df
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .ok_or_else(unreadable)?;
    let fields: Vec<&str> = line.split_whitespace().collect();
    let kib = |index: usize| {
        fields
            .get(index)
            .and_then(|field| field.parse::<u64>().ok())
            .ok_or_else(unreadable)
    };
    let (size, free) = (kib(1)?.saturating_mul(1024), kib(3)?.saturating_mul(1024));
    let floor = at_least_bytes.max(size / 100 * u64::from(at_least_percent));
    if free >= floor {
        return Ok(());
    }
    let needed = floor;
    Err(Fault::FreeSpace { free, size, needed })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DF: &str = "Filesystem     1024-blocks   Used Available Capacity Mounted on\n\
                      /dev/loop0          102400  92160     10240      90% /OVS/Repositories/0004fb\n";

    #[test]
    fn free_space_is_compared_in_bytes_and_in_percent() {
        assert!(free_space(DF, 10 * 1024 * 1024, 10).is_ok());
        let short = Fault::FreeSpace {
            free: 10 << 20,
            size: 100 << 20,
            needed: (10 << 20) + 1,
        };
        assert_eq!(free_space(DF, 10 * 1024 * 1024 + 1, 0), Err(short));
        assert!(free_space(DF, 0, 11).is_err());
    }

    #[test]
    fn an_output_that_is_not_of_df_is_an_error() {
        assert!(free_space("df: no such file\n", 0, 0).is_err());
        assert!(free_space("", 0, 0).is_err());
    }
}
