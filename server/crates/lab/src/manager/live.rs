//! What a running machine does to its disks: it holds them open, as Xen's loop device does. A file that is moved or
//! removed under a running machine therefore keeps receiving the guest's writes, wherever it is now.

use crate::model::{Estate, MappedDisk, Vm, VmStatus};
use crate::server::Files;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Length of one guest write.
const BLOCK: usize = 64 * 1024;
/// How many blocks "something overwrites the disk" overwrites.
const SCRIBBLED_BLOCKS: u64 = 48;

type Key = (String, u32);

/// The open disks of all running machines, by machine and slot.
#[derive(Default)]
pub(crate) struct LiveDisks {
    open: Mutex<BTreeMap<Key, Arc<File>>>,
}

impl LiveDisks {
    /// Opens the disks of a machine that starts. A missing file makes the start fail.
    pub fn attach(&self, files: &Files, estate: &Estate, vm: &str) -> io::Result<()> {
        let mut opened = Vec::new();
        for (_, mapping) in estate.mappings_of(vm) {
            let writable = !matches!(mapping.disk, MappedDisk::Cdrom(_));
            if let Some(path) = files.mapped(estate, &mapping.disk) {
                let file = OpenOptions::new().read(true).write(writable).open(&path);
                let file =
                    file.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
                opened.push(((vm.to_owned(), mapping.slot), Arc::new(file)));
            }
        }
        self.lock().extend(opened);
        Ok(())
    }

    /// Closes the disks of a machine that ended.
    pub fn detach(&self, vm: &str) {
        self.lock().retain(|(owner, _), _| owner != vm);
    }

    /// Closes one disk.
    pub fn detach_slot(&self, vm: &str, slot: u32) {
        self.lock().remove(&(vm.to_owned(), slot));
    }

    /// Closes everything.
    pub fn detach_all(&self) {
        self.lock().clear();
    }

    /// Opens the disks of all machines that the estate says are running.
    pub fn attach_running(&self, files: &Files, estate: &Estate) {
        for (object, vm) in estate.all::<Vm>() {
            if vm.status == VmStatus::Running
                && let Err(error) = self.attach(files, estate, &object.id)
            {
                tracing::warn!(%error, vm = object.id, "a running machine of the lab lacks a disk");
            }
        }
    }

    /// The open disk in a slot of a running machine.
    pub fn get(&self, vm: &str, slot: u32) -> Option<Arc<File>> {
        self.lock().get(&(vm.to_owned(), slot)).cloned()
    }

    /// A few small writes into every writable disk, at places that follow from `round`.
    pub fn guest_writes(&self, round: u64) {
        let open: Vec<_> = self.lock().values().cloned().collect();
        for file in open {
            // Fails on CD images, which are open for reading only, and on a full repository, as a guest would see it.
            let _ = write_blocks(&file, round, 4);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Arc<File>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Overwrites the start of a disk and many places in it.
pub(crate) fn scribble(file: &File) -> io::Result<()> {
    file.write_all_at(&pattern(u64::MAX), 0)?;
    write_blocks(file, 7, SCRIBBLED_BLOCKS)
}

fn write_blocks(file: &File, round: u64, count: u64) -> io::Result<()> {
    let block = BLOCK as u64;
    let end = size(file)?;
    for number in 0..count {
        let place = (round * count + number).wrapping_mul(0x9e37_79b9_7f4a_7c15) % (end / block).max(1);
        file.write_all_at(&pattern(round ^ place), place * block)?;
    }
    Ok(())
}

/// Size of a file or block device.
fn size(file: &File) -> io::Result<u64> {
    use std::io::{Seek, SeekFrom};
    // Seeking moves no position that anybody uses: all access is positioned.
    let mut file = file;
    file.seek(SeekFrom::End(0))
}

fn pattern(number: u64) -> Vec<u8> {
    let line = format!("overwritten by the lab, {number:020}\n");
    line.bytes().cycle().take(BLOCK).collect()
}
