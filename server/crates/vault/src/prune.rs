//! Giving room back: what no recovery point needs any more is taken out of the backup target.

use crate::{Vault, VaultError};
use bytesize::ByteSize;
use rustic_core::{
    Id, LimitOption, OpenStatus, PruneOptions, Repository, RusticError,
    jiff::Span,
    repofile::{IndexFile, IndexId, SnapshotId},
};
use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// How long data stays that was found to be unneeded. Whoever stores a disk does not store what the index knew when he
/// began, and refers to it only at his end; whatever was marked meanwhile must still be there then, and is kept for good
/// by the next call. So this is longer than the copy of the largest disk takes.
pub const KEEP_UNNEEDED: Duration = Duration::from_secs(48 * 3600);

/// Digits of the id that is the name of a pack.
const ID_DIGITS: usize = 64;
/// Behind the name of a file that is still being written; a process that is killed leaves it.
const BEING_WRITTEN: &str = "-tmp-";

/// What [`Vault::prune`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reclaimed {
    /// Bytes that were removed now.
    pub removed_bytes: u64,
    /// Bytes that nothing refers to any more, and that a call after [`KEEP_UNNEEDED`] will remove.
    pub marked_bytes: u64,
}

impl Vault {
    /// Removes data that nothing refers to, in two steps: what is found to be so is marked, and removed by the first call
    /// after [`KEEP_UNNEEDED`] if still nothing refers to it. `now` is the time.
    ///
    /// Nothing is copied: a full backup target has no room for that. So data that shares its pack with data in use stays.
    ///
    /// # Errors
    /// [`VaultError::Target`] when not everything can be listed or read; nothing was removed then that is in use.
    pub fn prune(&self, now: SystemTime) -> Result<Reclaimed, VaultError> {
        let repository = self.repository()?;
        let before = size(&self.packs()?);
        // First, because it needs no room.
        self.remove_strays(&repository, now)?;
        self.see_that_all_snapshots_are_listed(&repository)?;
        let options = options(now);
        let plan = repository.prune_plan(&options).map_err(|error| self.unread(&error))?;
        let marked_bytes = plan.stats.size_sum().remove + plan.stats.size_unref;
        repository.prune(&options, plan).map_err(|error| self.failed(&error))?;
        Ok(Reclaimed {
            removed_bytes: before.saturating_sub(size(&self.packs()?)),
            marked_bytes,
        })
    }

    /// Removes packs that no index has known for long: backups that were cut off in the middle leave them. The library
    /// marks them too, but only where it has another reason to write the index anew.
    fn remove_strays(&self, repository: &Repository<OpenStatus>, now: SystemTime) -> Result<(), VaultError> {
        // The files first: what is added from now on is not among them.
        let files = self.packs()?;
        let known = self.known_packs(repository)?;
        let is_old = |file: &&Pack| now.duration_since(file.modified).is_ok_and(|age| age >= KEEP_UNNEEDED);
        for file in files.iter().filter(is_old) {
            if file.is_being_written || !known.contains(&file.id) {
                match fs::remove_file(&file.path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(self.unlisted("data", &error)),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// The packs of all indexes, marked ones included.
    fn known_packs(&self, repository: &Repository<OpenStatus>) -> Result<HashSet<Id>, VaultError> {
        let listed: Vec<_> = self.ids("index")?.into_iter().map(IndexId::from).collect();
        let (mut known, mut left) = (HashSet::new(), listed.len());
        let indexes = repository.stream_files_list::<IndexFile>(listed);
        for index in indexes.map_err(|error| self.unread(&error))? {
            let (_, index) = index.map_err(|error| self.unread(&error))?;
            known.extend(index.packs.iter().chain(&index.packs_to_delete).map(|pack| *pack.id));
            left -= 1;
        }
        match left {
            0 => Ok(known),
            _ => Err(self.unlisted("index", &"not all of it was read")),
        }
    }

    /// The library passes over what it fails to list, and would take the data of a snapshot that it has passed over for
    /// unneeded.
    fn see_that_all_snapshots_are_listed(&self, repository: &Repository<OpenStatus>) -> Result<(), VaultError> {
        let all = self.ids("snapshots")?;
        let listed = repository.list::<SnapshotId>().map_err(|error| self.unread(&error))?;
        let listed: HashSet<Id> = listed.map(SnapshotId::into_inner).collect();
        match all.iter().all(|id| listed.contains(id)) {
            true => Ok(()),
            false => Err(self.unlisted("snapshots", &"some of it is no file")),
        }
    }

    /// The ids of everything in a folder of the backup target. What cannot be listed is an error.
    fn ids(&self, folder: &str) -> Result<Vec<Id>, VaultError> {
        let names = names(&self.target().join(folder)).map_err(|error| self.unlisted(folder, &error))?;
        Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// All pack files, those that were not finished included. What cannot be listed is an error.
    fn packs(&self) -> Result<Vec<Pack>, VaultError> {
        let data = self.target().join("data");
        packs(&data).map_err(|error| self.unlisted("data", &error))
    }

    fn unread(&self, error: &RusticError) -> VaultError {
        VaultError::reading(self.target(), error)
    }

    fn unlisted(&self, folder: &str, why: &dyn std::fmt::Display) -> VaultError {
        VaultError::Target {
            target: self.target().to_owned(),
            detail: format!(
                "its folder {folder} cannot be listed or cleared up, so that nothing in use was removed: {why}"
            ),
        }
    }
}

/// A file with packed data.
struct Pack {
    path: PathBuf,
    id: Id,
    is_being_written: bool,
    size: u64,
    modified: SystemTime,
}

fn size(packs: &[Pack]) -> u64 {
    packs.iter().map(|pack| pack.size).sum()
}

fn packs(data: &Path) -> io::Result<Vec<Pack>> {
    let mut packs = Vec::new();
    for folder in names(data)? {
        let folder = data.join(folder);
        if folder.is_dir() {
            for name in names(&folder)? {
                packs.extend(pack(&folder, &name)?);
            }
        }
    }
    Ok(packs)
}

/// None for a file that is no pack, or is gone by now.
fn pack(folder: &Path, name: &str) -> io::Result<Option<Pack>> {
    let Some((id, rest)) = name.split_at_checked(ID_DIGITS) else {
        return Ok(None);
    };
    let (Ok(id), true) = (id.parse(), ["", BEING_WRITTEN].contains(&rest)) else {
        return Ok(None);
    };
    let path = folder.join(name);
    let found = match fs::symlink_metadata(&path) {
        Err(gone) if gone.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    Ok(Some(Pack {
        path,
        id,
        is_being_written: !rest.is_empty(),
        size: found.len(),
        modified: found.modified()?,
    }))
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?;
    entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

/// The library asks the clock of the machine itself; what `now` is ahead of that comes off the time that it waits.
#[expect(clippy::disallowed_methods, reason = "the library's clock, to compare ours with")]
fn options(now: SystemTime) -> PruneOptions {
    let ahead = now.duration_since(SystemTime::now()).unwrap_or_default();
    let keep = KEEP_UNNEEDED.saturating_sub(ahead).as_secs();
    PruneOptions::default()
        .keep_delete(Span::new().seconds(i64::try_from(keep).unwrap_or(i64::MAX)))
        .max_repack(LimitOption::Size(ByteSize::b(0)))
}
