//! Clones of single disks: one file, one new object.

use super::grammar::invalid;
use super::job::{Outcome, Work};
use super::reply::CliError;
use crate::faults::Fault;
use crate::model::{Body, CloneType, Estate, Kind, Repository, RepositoryKind, VirtualDisk};
use crate::switches::{CopyNames, Switches, ThinCloneElsewhere};

impl Work {
    /// `cloneVdToRepo`. The new disk gets a name of the Manager's choice.
    pub(super) async fn clone_disk_to_repository(&self) -> Outcome {
        let disk = self.subject()?;
        let wanted = self.required("cloneType")?;
        let wanted = CloneType::parse(wanted).ok_or_else(|| invalid("cloneType", wanted))?;
        let (target, clone_type) = self.read(|estate| {
            let target = self.named(estate, Kind::Repository, "target")?;
            on_ocfs2(estate, disk, &target)?;
            let clone_type = possible_type(estate, &self.manager.switches, disk, &target, wanted)?;
            Ok((target, clone_type))
        })?;
        Ok(Some(self.clone_disk(disk, &target, clone_type).await?))
    }

    /// `clone VirtualDisk` of 3.2: a copy into a repository.
    pub(super) async fn clone_disk_of_3_2(&self) -> Outcome {
        let disk = self.subject()?;
        let clone_type = match self.required("cloneType")?.to_ascii_lowercase().as_str() {
            "sparse" => CloneType::SparseCopy,
            _ => CloneType::NonSparseCopy,
        };
        let target = self.read(|estate| self.named(estate, Kind::Repository, "target"));
        let target = target.map_err(|_| CliError::not_simulated("clones to physical disks and SAN servers"))?;
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
        if matches!(self.fault, Some(Fault::NoSpace { .. })) {
            return Err(self.failure());
        }
        let storage = &self.manager.storage;
        let cloned = storage
            .clone_disk((&source.repository, disk), (repository, &id), clone_type)
            .await;
        let cloned = cloned.map_err(|error| {
            CliError::coded(
                "OVMRU_005020E",
                &format!("The disk {disk} could not be cloned: {error}"),
            )
        })?;
        let (size, used) = cloned.unwrap_or((source.size, source.used));
        let body = Body::VirtualDisk(VirtualDisk {
            repository: repository.to_owned(),
            size,
            used,
            shareable: false,
            cloned: true,
        });
        Ok(self.change(|estate| {
            let name = copy_name(estate, self.manager.switches.copy_names, disk, &id);
            estate.add_as(id, &name, body)
        }))
    }
}

/// The clone type that is used where one is asked for. A thin clone stays in its repository, which must be OCFS2; what
/// becomes of one that is to go elsewhere is uncertain.
pub(super) fn possible_type(
    estate: &Estate,
    switches: &Switches,
    disk: &str,
    target: &str,
    wanted: CloneType,
) -> Result<CloneType, CliError> {
    if wanted != CloneType::ThinClone {
        return Ok(wanted);
    }
    let kind = |id: &str| estate.get::<Repository>(id).map(|repository| repository.kind);
    if kind(target) != Some(RepositoryKind::Ocfs2) {
        let text = format!(
            "The repository {} does not support thin clones.",
            estate.name_of(target)
        );
        return Err(CliError::coded("OVMRU_005022E", &text));
    }
    let own = estate.get::<VirtualDisk>(disk).map(|disk| disk.repository.as_str());
    if own == Some(target) {
        return Ok(wanted);
    }
    match switches.thin_clone_elsewhere {
        ThinCloneElsewhere::Copies if own.and_then(kind) == Some(RepositoryKind::Ocfs2) => Ok(CloneType::SparseCopy),
        _ => Err(CliError::coded(
            "OVMRU_005021E",
            "A thin clone cannot leave the repository of its disk.",
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

/// What a new disk is called, which nobody could say: `name (1)` or the next number that is free, or something else.
fn copy_name(estate: &Estate, names: CopyNames, disk: &str, copy: &str) -> String {
    let name = estate.name_of(disk);
    match names {
        CopyNames::Same => name.to_owned(),
        CopyNames::FileName => copy.to_owned(),
        CopyNames::Numbered => {
            let free = |candidate: &String| estate.objects.named(Kind::VirtualDisk, candidate).next().is_none();
            let mut names = (1_u32..).map(|number| format!("{name} ({number})"));
            names.find(free).unwrap_or_default()
        }
    }
}
