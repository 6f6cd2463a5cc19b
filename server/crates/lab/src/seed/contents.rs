//! Writes the bytes of a new lab: sparse images with seeded data in scattered extents, directories, and the small hidden
//! files of a storage repository.

use super::Fills;
use crate::error::LabError;
use crate::model::{Estate, Object, PhysicalDisk, Repository, RepositoryKind, VirtualCdrom, VirtualDisk};
use crate::server::Files;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Extents start where a cluster of OCFS2 with the usual size starts.
const CLUSTER: u64 = 128 * 1024;

/// Makes the files behind the LUNs that machines use. Must be there before the namespace is built.
pub(crate) fn make_luns(dir: &Path, estate: &Estate, fills: &Fills) -> Result<(), LabError> {
    let luns = dir.join("luns");
    std::fs::create_dir_all(&luns).map_err(LabError::file(&luns))?;
    for (object, disk) in estate.all::<PhysicalDisk>() {
        if let Some(data) = fills.get(&object.id) {
            let path = luns.join(&disk.wwid);
            write_sparse(&path, disk.size, *data, seed_of(estate, &object.id)).map_err(LabError::file(path))?;
        }
    }
    Ok(())
}

/// Makes the directories and hidden files of a repository.
pub(crate) fn mark_repository(files: &Files, repository: &Object, kind: RepositoryKind) -> Result<(), LabError> {
    let root = files.repository(&repository.id);
    for name in ["Assemblies", "ISOs", "Templates", "VirtualDisks", "VirtualMachines"] {
        std::fs::create_dir_all(root.join(name)).map_err(LabError::file(&root))?;
    }
    let marks = format!(
        "OVS_REPO_UUID={}\nOVS_REPO_VERSION=3.0\nOVS_REPO_ALIAS={}\n",
        repository.id, repository.name
    );
    std::fs::write(root.join(".ovsrepo"), marks).map_err(LabError::file(&root))?;
    if kind == RepositoryKind::Nfs {
        std::fs::write(root.join(".generic_fs_stamp"), "").map_err(LabError::file(&root))?;
    }
    Ok(())
}

/// Fills the mounted repositories.
pub(crate) fn make_repositories(files: &Files, estate: &Estate, fills: &Fills) -> Result<(), LabError> {
    for (object, repository) in estate.all::<Repository>() {
        mark_repository(files, object, repository.kind)?;
    }
    let fill = |id: &str| fills.get(id).copied().unwrap_or_default();
    for (object, disk) in estate.all::<VirtualDisk>() {
        let path = files.disk(&disk.repository, &object.id);
        let seed = seed_of(estate, &object.id);
        write_sparse(&path, disk.size, fill(&object.id), seed).map_err(LabError::file(path))?;
    }
    for (object, cdrom) in estate.all::<VirtualCdrom>() {
        let path = files.iso(&cdrom.repository, &object.id);
        let seed = seed_of(estate, &object.id);
        write_sparse(&path, cdrom.size, cdrom.size, seed).map_err(LabError::file(path))?;
    }
    Ok(())
}

fn seed_of(estate: &Estate, id: &str) -> u64 {
    id.bytes().fold(estate.seed, |seed, byte| {
        seed.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte)
    })
}

/// A file of `size` bytes with about `data` bytes of pseudo-random data: one extent at the start, as a boot sector has
/// it, and the others anywhere.
fn write_sparse(path: &Path, size: u64, data: u64, seed: u64) -> io::Result<()> {
    let file = File::create(path)?;
    file.set_len(size)?;
    let mut rng = StdRng::seed_from_u64(seed);
    let mut buffer = vec![0; 1 << 20];
    let mut left = data.min(size);
    let mut offset = 0;
    while left > 0 {
        let length = (CLUSTER * rng.random_range(1..=8)).min(left).min(size - offset);
        let chunk = buffer
            .get_mut(..usize::try_from(length).unwrap_or_default())
            .unwrap_or_default();
        rng.fill_bytes(chunk);
        file.write_all_at(chunk, offset)?;
        left -= length;
        offset = if data >= size {
            offset + length
        } else {
            rng.random_range(0..size / CLUSTER) * CLUSTER
        };
    }
    Ok(())
}
