//! Checks: what must be true after an action.

use super::probe::{exists, resolved};
use super::restored::RestoredDisks;
use super::{StepError, vm_state};
use crate::estate::Reach;
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
                return Err(StepError::failed(format!(
                    "The machine {vm} still runs on this server although the Manager calls it stopped. Stop it there, then ask again.",
                )));
            }
            Ok(())
        }
        Check::VmRunning { vm, running } => vm_state::await_running(reach, vm, *running).await,
        Check::NotRunning { vm } => match vm_state::look_when_free(reach, vm).await?.state {
            VmState::Stopped => Ok(()),
            _ => Err(StepError::failed(format!(
                "The machine {vm} runs: somebody has started it meanwhile, so what was copied is not of one instant. Back it up again."
            ))),
        },
        Check::Sha256 { file, sha256 } => {
            let file = resolved(file, bindings)?;
            match disks.difference(reach, &file, sha256).await? {
                None => Ok(()),
                Some(difference) => Err(StepError::failed(format!(
                    "{} {difference} on the server: what was written is not what was stored.",
                    file.path
                ))),
            }
        }
        Check::FilesExist { files } => {
            for file in files {
                let file = resolved(file, bindings)?;
                if !exists(reach, &file).await? {
                    return Err(StepError::failed(format!(
                        "{} is missing on server {}.",
                        file.path, file.server
                    )));
                }
            }
            Ok(())
        }
    }
}

/// Reads `df -P`: one line a file system, sizes in KiB, the last one counts.
fn free_space(df: &str, at_least_bytes: u64, at_least_percent: u8) -> Result<(), String> {
    let unreadable = || format!("The output of df cannot be read: {}", df.trim());
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
    let mib = |bytes: u64| bytes / (1024 * 1024);
    Err(format!(
        "Only {} MiB of {} MiB are free, {} MiB are needed. Make room in the repository, or lower the floor in the policy.",
        mib(free),
        mib(size),
        mib(floor)
    ))
}

#[cfg(test)]
mod tests {
    use super::free_space;

    const DF: &str = "Filesystem     1024-blocks   Used Available Capacity Mounted on\n\
                      /dev/loop0          102400  92160     10240      90% /OVS/Repositories/0004fb\n";

    #[test]
    fn free_space_is_compared_in_bytes_and_in_percent() {
        assert!(free_space(DF, 10 * 1024 * 1024, 10).is_ok());
        assert!(
            free_space(DF, 10 * 1024 * 1024 + 1, 0)
                .unwrap_err()
                .starts_with("Only 10 MiB of 100 MiB are free")
        );
        assert!(free_space(DF, 0, 11).is_err());
    }

    #[test]
    fn an_output_that_is_not_of_df_is_an_error() {
        assert!(free_space("df: no such file\n", 0, 0).is_err());
        assert!(free_space("", 0, 0).is_err());
    }
}
