//! Keeps the estate in memory and, for a lab with files, on disk: every change is written before it is seen, so that a
//! lab which is killed resumes the estate it had.

use super::{Body, Estate, JobState, Kind};
use crate::error::LabError;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

type Listener = Box<dyn Fn(&Estate) + Send + Sync>;

/// The one holder of the estate.
pub(crate) struct Store {
    estate: Mutex<Estate>,
    kept: Option<Kept>,
}

/// What becomes of each change beside memory.
struct Kept {
    path: PathBuf,
    on_change: Listener,
}

impl Store {
    /// Reads the estate stored in `path`, if there is one.
    pub fn stored(path: &Path) -> Result<Option<Estate>, LabError> {
        let text = match std::fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(LabError::file(path))?,
        };
        let mut estate: Estate = serde_json::from_slice(&text).map_err(|source| LabError::Stored {
            path: path.to_owned(),
            source,
        })?;
        end_interrupted_jobs(&mut estate);
        Ok(Some(estate))
    }

    /// Takes over `estate` and keeps it in `path`; `on_change` sees it now and after every change.
    pub fn kept(path: PathBuf, estate: Estate, on_change: Listener) -> Self {
        let store = Self {
            estate: Mutex::new(estate),
            kept: Some(Kept { path, on_change }),
        };
        store.change(|_| ());
        store
    }

    /// Takes over `estate` for as long as the process lives.
    pub fn in_memory(estate: Estate) -> Self {
        Self {
            estate: Mutex::new(estate),
            kept: None,
        }
    }

    /// Looks at the estate.
    pub fn read<T>(&self, look: impl FnOnce(&Estate) -> T) -> T {
        look(&self.lock())
    }

    /// Changes the estate and stores it.
    pub fn change<T>(&self, change: impl FnOnce(&mut Estate) -> T) -> T {
        let mut estate = self.lock();
        let result = change(&mut estate);
        if let Some(kept) = &self.kept {
            if let Err(error) = kept.save(&estate) {
                tracing::error!(%error, path = %kept.path.display(), "the estate of the lab could not be stored");
            }
            (kept.on_change)(&estate);
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, Estate> {
        self.estate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn save(&self, estate: &Estate) -> std::io::Result<()> {
        let fresh = self.path.with_extension("json.new");
        std::fs::write(&fresh, serde_json::to_vec(estate)?)?;
        std::fs::rename(fresh, &self.path)
    }
}

/// A lab that was killed leaves jobs that nobody works on any more: they fail and give their objects free.
fn end_interrupted_jobs(estate: &mut Estate) {
    let held: Vec<_> = estate
        .objects
        .values()
        .filter(|object| object.locked_by.is_some() || object.kind() == Kind::Job)
        .map(|object| object.id.clone())
        .collect();
    for id in held {
        estate.objects.update(&id, |object| {
            object.locked_by = None;
            if let Body::Job(job) = &mut object.body
                && job.state == JobState::Running
            {
                job.state = JobState::Failure;
                job.ended = Some(job.started);
                job.error = "OVMAPI_4010E The operation was interrupted by a restart of the Manager.".to_owned();
            }
        });
    }
}
