//! A backup target in a folder, and how it outlasts a power cut. The library writes each file to the disk before it gives it
//! its name, but the name stands in the folder, and the file system writes that when it likes, mostly within half a minute.

use super::{CONFIG, PackFile, Storage, Trouble};
use rustic_backend::LocalBackend;
use rustic_core::{RusticResult, WriteBackend};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Below this, a failure without a clear cause is taken for lack of room: a pack needs about that much.
const ROOM_FOR_A_PACK: u64 = 64 * 1024 * 1024;
/// Behind the name of a file that is still being written; a process that is killed leaves it.
pub(crate) const BEING_WRITTEN: &str = "-tmp-";

pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// The folders below first, the one in which the backup target itself stands last.
    fn all(&self) -> io::Result<Vec<PathBuf>> {
        let mut folders = Vec::new();
        for entry in fs::read_dir(self.0.join("data"))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            }
        }
        folders.extend(["data", "index", "snapshots", "keys"].map(|name| self.0.join(name)));
        folders.push(self.0.clone());
        let parent = self.0.parent().filter(|parent| *parent != Path::new(""));
        folders.extend(parent.map(Path::to_owned));
        Ok(folders)
    }
}

impl Storage for Folder {
    fn backend(&self) -> RusticResult<Arc<dyn WriteBackend>> {
        Ok(Arc::new(LocalBackend::new(self.0.to_string_lossy(), None)?))
    }

    fn has(&self, file: &str) -> io::Result<bool> {
        self.0.join(file).try_exists()
    }

    fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        fs::read(self.0.join(file))
    }

    fn write(&self, file: &str, content: &[u8]) -> io::Result<()> {
        let path = self.0.join(file);
        let folder = path.parent().unwrap_or(&self.0);
        fs::create_dir_all(folder)?;
        let being_written = self.0.join(format!("{file}{BEING_WRITTEN}"));
        let mut written = File::create(&being_written)?;
        written.write_all(content)?;
        written.sync_all()?;
        fs::rename(being_written, &path)?;
        sync_folder(folder)
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        match fs::remove_file(self.0.join(file)) {
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        names(&self.0.join(folder))
    }

    fn packs(&self) -> io::Result<Vec<PackFile>> {
        let data = self.0.join("data");
        let mut packs = Vec::new();
        for folder in names(&data)? {
            if data.join(&folder).is_dir() {
                for name in names(&data.join(&folder))? {
                    packs.extend(self.pack(format!("data/{folder}/{name}"))?);
                }
            }
        }
        Ok(packs)
    }

    fn sync(&self) -> io::Result<()> {
        self.all()?.iter().try_for_each(|folder| sync_folder(folder))
    }

    fn is_away(&self) -> bool {
        // Where nobody can tell, the writing itself will.
        matches!(self.0.join(CONFIG).try_exists(), Ok(false))
    }

    /// The library reports some failed writes only as a broken channel, so the file system is asked.
    fn trouble(&self) -> Option<Trouble> {
        let room = rustix::fs::statvfs(&self.0).ok()?;
        let is_full = room.f_bavail.saturating_mul(room.f_frsize) < ROOM_FOR_A_PACK;
        is_full.then_some(Trouble::Full)
    }
}

impl Folder {
    /// None for a file that is gone by now.
    fn pack(&self, path: String) -> io::Result<Option<PackFile>> {
        match fs::symlink_metadata(self.0.join(&path)) {
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => Ok(None),
            found => {
                let found = found?;
                Ok(Some(PackFile {
                    path,
                    size: found.len(),
                    modified: found.modified()?,
                }))
            }
        }
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?;
    entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

/// Writes the names in a folder to the disk.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some network file systems know no such thing for folders: their servers write the names at once.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}
