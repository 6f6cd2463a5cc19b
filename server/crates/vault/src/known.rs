//! What the snapshots of a backup target are. The file of a snapshot never changes, so each is read once and remembered by
//! what it is: a backup must not cost the reading of all that were made before it.

use crate::{Vault, VaultError, point::Brief};
use rustic_core::{OpenStatus, Repository, RusticResult, repofile::SnapshotFile, repofile::SnapshotId};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// What this process has read of the snapshots.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<SnapshotId, Brief>>);

impl Known {
    /// The snapshots that are there now; reads those that are new.
    fn refreshed(&self, repository: &Repository<OpenStatus>) -> RusticResult<Vec<(SnapshotId, Brief)>> {
        let (mut there, mut unknown) = (HashMap::new(), Vec::new());
        let listed: Vec<SnapshotId> = repository.list::<SnapshotId>()?.collect();
        {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for id in listed {
                match known.get(&id) {
                    Some(brief) => drop(there.insert(id, brief.clone())),
                    None => unknown.push(id),
                }
            }
        }
        for read in repository.stream_files_list::<SnapshotFile>(unknown)? {
            let (id, snapshot) = read?;
            there.insert(id, Brief::of(&snapshot));
        }
        let briefs = there.iter().map(|(id, brief)| (*id, brief.clone())).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = there;
        Ok(briefs)
    }
}

impl Vault {
    /// What each snapshot is that is there now.
    pub(crate) fn briefs(&self) -> Result<Vec<(SnapshotId, Brief)>, VaultError> {
        self.read_shared(|repository| self.known.refreshed(&repository))
    }

    /// The ids of the snapshots of which this holds.
    pub(crate) fn snapshots_that(&self, is: impl Fn(&Brief) -> bool) -> Result<Vec<SnapshotId>, VaultError> {
        let briefs = self.briefs()?.into_iter();
        Ok(briefs.filter(|(_, brief)| is(brief)).map(|(id, _)| id).collect())
    }

    /// All of these snapshots.
    pub(crate) fn snapshots(&self, ids: &[SnapshotId]) -> Result<Vec<SnapshotFile>, VaultError> {
        self.read_shared(|repository| {
            let read = repository.stream_files_list::<SnapshotFile>(ids.to_vec())?;
            read.map(|read| read.map(|(id, snapshot)| SnapshotFile { id, ..snapshot }))
                .collect()
        })
    }
}
