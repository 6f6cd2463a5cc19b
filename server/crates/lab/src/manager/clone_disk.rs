//! Clones of single disks: one file, one new object.

use super::job::{Outcome, Work};
use super::lookup;
use super::reply::CliError;
use crate::model::{Body, CloneType, Estate, Kind, Repository, RepositoryKind, VirtualDisk};
use crate::server::sizes;

impl Work {
    /// `cloneVdToRepo`. The new disk gets a name of the Manager's choice.
    pub(super) async fn clone_disk_to_repository(&self) -> Outcome {
        let disk = self.subject()?;
        let clone_type = self.required("cloneType")?;
        let clone_type = CloneType::parse(clone_type).ok_or_else(|| super::create::invalid("cloneType", clone_type))?;
        let target = self.required("target")?;
        let target = self.read(|estate| {
            let target = lookup::reference(estate, Kind::Repository, target)?;
            on_ocfs2(estate, disk, &target)?;
            thin_is_possible(estate, disk, &target, clone_type)?;
            Ok(target)
        })?;
        Ok(Some(self.clone_disk(disk, &target, clone_type).await?))
    }

    /// Clones the file of a disk and enters the new disk.
    pub(super) async fn clone_disk(
        &self,
        disk: &str,
        repository: &str,
        clone_type: CloneType,
    ) -> Result<String, CliError> {
        self.step(300).await?;
        let gone = || CliError::coded("OVMAPI_4003E", "The disk is gone.");
        let source = self
            .read(|estate| estate.get::<VirtualDisk>(disk).cloned())
            .ok_or_else(gone)?;
        let id = self.change(|estate| estate.new_id(Kind::VirtualDisk));
        let files = &self.manager.files;
        let path = files.disk(repository, &id);
        let cloned = files
            .clone_file(&files.disk(&source.repository, disk), &path, clone_type)
            .await;
        cloned.map_err(|error| {
            CliError::coded(
                "OVMRU_005020E",
                &format!("The disk {disk} could not be cloned: {error}"),
            )
        })?;
        let (size, used) = sizes(&path).unwrap_or((source.size, 0));
        let body = Body::VirtualDisk(VirtualDisk {
            repository: repository.to_owned(),
            size,
            used,
            shareable: false,
            cloned: true,
        });
        Ok(self.change(|estate| {
            let name = copy_name(estate, estate.name_of(disk));
            estate.add_as(id, &name, body)
        }))
    }
}

/// A thin clone stays in its repository, which must be OCFS2.
pub(super) fn thin_is_possible(
    estate: &Estate,
    disk: &str,
    target: &str,
    clone_type: CloneType,
) -> Result<(), CliError> {
    if clone_type != CloneType::ThinClone {
        return Ok(());
    }
    let own = estate.get::<VirtualDisk>(disk).map(|disk| disk.repository.as_str());
    if own != Some(target) {
        return Err(CliError::coded(
            "OVMRU_005021E",
            "A thin clone cannot leave the repository of its disk.",
        ));
    }
    match estate.get::<Repository>(target).map(|repository| repository.kind) {
        Some(RepositoryKind::Ocfs2) => Ok(()),
        _ => Err(CliError::coded(
            "OVMRU_005022E",
            &format!(
                "The repository {} does not support thin clones.",
                estate.name_of(target)
            ),
        )),
    }
}

/// `cloneVdToRepo` works between repositories on physical disks only.
fn on_ocfs2(estate: &Estate, disk: &str, target: &str) -> Result<(), CliError> {
    let source = estate.get::<VirtualDisk>(disk).map(|disk| disk.repository.as_str());
    let ocfs2 = |id: &str| {
        estate
            .get::<Repository>(id)
            .is_some_and(|found| found.kind == RepositoryKind::Ocfs2)
    };
    if source.is_some_and(ocfs2) && ocfs2(target) {
        Ok(())
    } else {
        Err(CliError::coded(
            "OVMRU_005023E",
            "Source and target must be repositories on physical disks.",
        ))
    }
}

/// `name (1)`, or the next number that is free.
fn copy_name(estate: &Estate, name: &str) -> String {
    let taken = |candidate: &str| estate.of_kind(Kind::VirtualDisk).any(|object| object.name == candidate);
    let names = (1..u32::MAX).map(|number| format!("{name} ({number})"));
    names
        .into_iter()
        .find(|candidate| !taken(candidate))
        .unwrap_or_else(|| name.to_owned())
}
