//! Why the backup target did not do what was asked.

use super::full_stop;
use crate::fault::TargetFault;

pub(in crate::say) fn fault(fault: &TargetFault) -> String {
    match fault {
        TargetFault::Source { file, reason } => {
            format!("{file} could not be read at its source: {}", full_stop(reason))
        }
        TargetFault::InvalidExtents { file } => {
            format!("The data ranges of {file} are out of order or exceed its size.")
        }
        TargetFault::InvalidName { name } => format!(
            "`{name}` cannot be the name of a file in a recovery point. Use a relative path without `.` and `..`."
        ),
        TargetFault::Full { target } => format!(
            "The backup target {target} is full. Enlarge its file system, or free up space on it outside the backup target \
             (what failed backups left in it is removed within four days)."
        ),
        TargetFault::Absent { target } => {
            format!(
                "There is no backup target in {target}. Check that the right file system is mounted there, or that bucket and prefix are correct."
            )
        }
        TargetFault::Exists { target } => {
            format!("There already is a backup target in {target}. Open it with its password.")
        }
        TargetFault::Foreign { target } => format!(
            "The backup target {target} was not created by Holdfast: its files are not split into chunks of a fixed size, \
             which disk images need. Enter an empty folder, in which Holdfast creates its own."
        ),
        TargetFault::WrongPassword { target } => {
            format!("The password does not open the backup target {target}. Enter the one it was created with.")
        }
        TargetFault::NoKeyFile { folder } => format!(
            "There is no key file in {folder}; without it, no password opens the backup target. Restore the file from a copy \
             of the backup target."
        ),
        TargetFault::DamagedKeyFile { file } => format!(
            "The key file {file} is damaged, so no password opens the backup target with it. Restore it from a copy of the \
             backup target."
        ),
        TargetFault::EmptyPassword { target } => format!(
            "An empty password protects nothing, and restic does not accept one. Enter the password of the backup target \
             {target}."
        ),
        TargetFault::ShortPassword { target, shortest } => format!(
            "A password of fewer than {shortest} characters is easily guessed. Enter a longer one for the new backup target \
             {target}."
        ),
        TargetFault::NoSnapshot { target, snapshot } => format!(
            "The backup target {target} no longer has the stored data {snapshot}. It may have been removed outside Holdfast."
        ),
        TargetFault::NoFile { snapshot, file } => format!("The stored data {snapshot} has no file {file}."),
        TargetFault::NothingStored { point } => {
            format!("Nothing was stored for the recovery point {point}, so it cannot be completed.")
        }
        TargetFault::Damaged { snapshot, file, detail } => format!(
            "{file} of the stored data {snapshot} is damaged in the backup target ({detail}). Restore from another recovery \
             point, and check the storage of the backup target. A new backup refers to the damaged pack again until it is \
             removed: `restic check --read-data` names it, `restic repair packs` removes it (before restic 0.17, move the \
             file out of the folder data, then run `restic repair index`, formerly `rebuild-index`); then back up again."
        ),
        TargetFault::Unreadable { snapshot, file, detail } => format!(
            "{file} of the stored data {snapshot} could not be read ({detail}), which does not say whether it is intact. \
             Check the storage of the backup target, then try again."
        ),
        TargetFault::AnotherAdopted { opened, adopted, place } => format!(
            "This Holdfast has opened the backup target {opened}, but {adopted} in {place} has been adopted since. Restart \
             Holdfast so that it opens the new one."
        ),
        TargetFault::Unknown { target } => {
            format!("There is no backup target {target}. Plan again, or add it under this name.")
        }
        TargetFault::NoPassword { target } => {
            format!("The password of the backup target {target} is not stored, so it cannot be opened.")
        }
        TargetFault::Another {
            name,
            place,
            found,
            expected,
        } => format!(
            "The backup target {name} in {place} is {found}, but it was {expected} when it was added. Put that one back in \
             its place."
        ),
        TargetFault::Sealed { detail } => full_stop(detail),
        TargetFault::InvalidLocation { target, detail } => format!(
            "{target} cannot be the location of a backup target ({detail}). Correct its address, bucket or prefix."
        ),
        TargetFault::NoBucket { target } => format!(
            "There is no bucket for the backup target {target}. Create it on the S3 server, or correct its name."
        ),
        TargetFault::WrongAccessKey { target } => format!(
            "The S3 server does not accept the access key of the backup target {target}. Enter the key and its secret again."
        ),
        TargetFault::Refused { target, detail } => format!(
            "The S3 server refuses what the backup target {target} needs ({detail}). Its access key must be allowed to \
             list, read, write and delete objects there, and the clocks of both must match."
        ),
        TargetFault::Unreachable { target, detail } => format!(
            "The S3 server of the backup target {target} does not answer ({detail}). Check the server and the network, then \
             try again."
        ),
        TargetFault::Silent { target } => format!(
            "The backup target {target} does not answer. Check its storage and the way to it, then check it again."
        ),
        TargetFault::ReadingBroke { reason } => format!(
            "The recovery point cannot be read from the backup target: {}",
            full_stop(reason)
        ),
        TargetFault::Other { target, detail } => format!("The backup target {target} reports: {}", full_stop(detail)),
    }
}
