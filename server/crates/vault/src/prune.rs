//! Giving room back: what no recovery point needs any more is taken out of the backup target.

use crate::{
    Vault, VaultError,
    storage::{BEING_WRITTEN, PackFile, SNAPSHOTS},
};
use bytesize::ByteSize;
use rustic_core::{
    Id, LimitOption, OpenStatus, PruneOptions, Repository, RusticError,
    jiff::Span,
    repofile::{IndexFile, IndexId, SnapshotId},
};
use std::{
    collections::HashSet,
    io,
    time::{Duration, SystemTime},
};

/// How long data stays that was found to be unneeded. Whoever stores a disk does not store what the index knew when he
/// began, and refers to it only at his end; whatever was marked meanwhile must still be there then, and is kept for good
/// by the next call. So this is longer than the copy of the largest disk takes.
pub const KEEP_UNNEEDED: Duration = Duration::from_secs(48 * 3600);

/// Digits of the id that is the name of a pack.
const ID_DIGITS: usize = 64;

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
        let is_old = |pack: &&Pack| {
            now.duration_since(pack.file.modified)
                .is_ok_and(|age| age >= KEEP_UNNEEDED)
        };
        for pack in files.iter().filter(is_old) {
            if pack.is_being_written || !known.contains(&pack.id) {
                let removed = self.place().remove(&pack.file.path);
                removed.map_err(|error| self.unlisted("data", &error))?;
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
            _ => Err(self.unlisted("index", &io::Error::other("not all of it was read"))),
        }
    }

    /// The library passes over what it fails to list, and would take the data of a snapshot that it has passed over for
    /// unneeded.
    fn see_that_all_snapshots_are_listed(&self, repository: &Repository<OpenStatus>) -> Result<(), VaultError> {
        let all = self.ids(SNAPSHOTS)?;
        let listed = repository.list::<SnapshotId>().map_err(|error| self.unread(&error))?;
        let listed: HashSet<Id> = listed.map(SnapshotId::into_inner).collect();
        match all.iter().all(|id| listed.contains(id)) {
            true => Ok(()),
            false => Err(self.unlisted(SNAPSHOTS, &io::Error::other("some of it is no file"))),
        }
    }

    /// The ids of everything in a folder of the backup target. What cannot be listed is an error.
    fn ids(&self, folder: &str) -> Result<Vec<Id>, VaultError> {
        let names = self.place().names(folder);
        let names = names.map_err(|error| self.unlisted(folder, &error))?;
        Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// All pack files, those that were not finished included. What cannot be listed is an error.
    fn packs(&self) -> Result<Vec<Pack>, VaultError> {
        let packs = self.place().packs();
        let packs = packs.map_err(|error| self.unlisted("data", &error))?;
        Ok(packs.into_iter().filter_map(Pack::of).collect())
    }

    fn unread(&self, error: &RusticError) -> VaultError {
        VaultError::reading(self.place(), error)
    }

    fn unlisted(&self, folder: &str, why: &io::Error) -> VaultError {
        let what = format!("its folder {folder} cannot be listed or cleared up, so that nothing in use was removed");
        VaultError::failing(self.place(), &what, why)
    }
}

/// A file with packed data.
struct Pack {
    file: PackFile,
    id: Id,
    is_being_written: bool,
}

impl Pack {
    /// None for a file that is no pack.
    fn of(file: PackFile) -> Option<Self> {
        let (id, rest) = file.path.rsplit('/').next()?.split_at_checked(ID_DIGITS)?;
        let id = id.parse().ok()?;
        let is_being_written = rest == BEING_WRITTEN;
        (is_being_written || rest.is_empty()).then_some(Self {
            file,
            id,
            is_being_written,
        })
    }
}

fn size(packs: &[Pack]) -> u64 {
    packs.iter().map(|pack| pack.file.size).sum()
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
