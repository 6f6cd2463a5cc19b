//! Steps that happen in the backup target: definition and manifest, reading back, publishing, checking a point.

use super::execution::Execution;
use super::openable::see_that_target_opens;
use super::verify::{first_fault, see_that_target_is_own, verify};
use super::{Effect, StepError};
use crate::core::blocking;
use crate::core::faults::unusable;
use crate::transfer::Meter;
use domain::fault::{PlanFault, PointFault};
use domain::ids::{PointId, TargetId};
use domain::note::Note;
use domain::plan::{Action, Mark, Plan, Purpose};
use domain::point::{Artefact, Consistency, Content, Manifest, PointCopy, PointDisk, RecoveryPoint, VmContent};
use domain::time::Timestamp;
use ovm::estate::{Estate, Vm};
use ovm::script::rebuild_script;
use vault::PointTag;

/// Placeholder under which the machine's definition is kept.
pub(crate) const DEFINITION: &str = "definition";
/// Placeholder under which the snapshot in the backup target is kept.
const SNAPSHOT: &str = "snapshot";

/// Placeholder under which a copied disk is kept.
pub(crate) fn disk_key(slot: u32) -> String {
    format!("stored_disk_{slot}")
}

/// The mark of a run's files in the backup target.
pub(crate) fn tag(plan: &Plan) -> PointTag {
    PointTag::new(plan.header.purpose.point().as_str())
}

impl Execution {
    /// Puts `vm.cfg`, rebuild script and manifest beside the disks and closes the snapshot.
    pub(super) async fn store_definition(&self, target: &TargetId) -> Result<Effect, StepError> {
        let manifest = self.manifest().await?;
        let script = self.rebuild_script(&manifest.machine().vm).await?;
        let json = serde_json::to_vec_pretty(&manifest).map_err(|error| StepError::failed(unusable(error)))?;
        let mut files = vec![
            (Artefact::RebuildScript.file_name().to_owned(), script.into_bytes()),
            (Artefact::Manifest.file_name().to_owned(), json),
        ];
        if let Some(vm_cfg) = &manifest.machine().vm.vm_cfg {
            files.push((Artefact::VmCfg.file_name().to_owned(), vm_cfg.clone().into_bytes()));
        }
        let (vault, tag) = (self.core.target(target).await?, tag(self.plan()));
        let sealed = blocking(move || {
            vault.store_files(&tag, files)?;
            vault.seal(&tag)
        })
        .await?;
        let snapshot = sealed.snapshot_id;
        let sealed = Note::Sealed {
            snapshot: snapshot.clone(),
        };
        Ok(Effect::noting(sealed).learning(SNAPSHOT, snapshot))
    }

    /// Reads every stored disk back.
    pub(super) async fn read_back(&self, target: &TargetId) -> Result<Effect, StepError> {
        let (snapshot, disks) = (self.learned(SNAPSHOT)?, self.stored_disks()?);
        let notes = disks.iter().map(|disk| Note::ReadBack {
            file: disk.file.clone(),
            data_sha256: disk.data_sha256.clone(),
        });
        let notes = notes.collect();
        let (vault, meter) = (self.core.target(target).await?, Meter::new(self.cancelled.clone()));
        match blocking(move || first_fault(&vault, &snapshot, &disks, &meter)).await? {
            None => Ok(Effect {
                notes,
                ..Effect::default()
            }),
            Some(damage) => Err(StepError::failed(PointFault::NotReadBack(damage))),
        }
    }

    /// The recovery point that this run has made, complete and lasting, in the backup target of the database, which its
    /// password opens.
    pub(super) async fn made_point(&self, target: &TargetId) -> Result<RecoveryPoint, StepError> {
        let vault = self.core.target(target).await?;
        see_that_target_is_own(&self.core, target, &vault).await?;
        see_that_target_opens(&self.core, target).await?;
        let snapshot = self.learned(SNAPSHOT)?;
        let of = snapshot.clone();
        let json = blocking(move || {
            vault.sync()?;
            vault.snapshot(&of)?.read_small_file(Artefact::Manifest.file_name())
        })
        .await?;
        let manifest: Manifest = serde_json::from_slice(&json).map_err(|error| {
            let detail = error.to_string();
            StepError::failed(PointFault::UnreadableManifest { detail })
        })?;
        let copy = PointCopy {
            target: target.clone(),
            snapshot,
            stored_bytes: manifest.disks().iter().map(|disk| disk.stored_bytes).sum(),
            verified_at: self.core.now(),
            damaged: None,
        };
        Ok(RecoveryPoint {
            manifest,
            copies: vec![copy],
        })
    }

    /// Makes sure that a point can be restored from, before anything is touched: all that is stored of its disks can be
    /// read, and it describes itself as the catalogue does.
    pub(super) async fn check_point(
        &self,
        point: &PointId,
        target: &TargetId,
        snapshot: &str,
    ) -> Result<Effect, StepError> {
        let known = self.point(point).await?;
        let copy = known.copy_in(target);
        let Some(copy) = copy.filter(|copy| copy.snapshot == snapshot) else {
            return Err(StepError::failed(PointFault::Moved {
                approved: snapshot.to_owned(),
                now: copy.map(|copy| copy.snapshot.clone()),
            }));
        };
        let meter = Meter::new(self.cancelled.clone());
        let by = &self.run.summary.started_by;
        if let Some(damage) = verify(&self.core, by, &known, copy, meter).await? {
            return Err(StepError::failed(PointFault::Damaged(damage)));
        }
        let (vault, of) = (self.core.target(target).await?, snapshot.to_owned());
        let json = blocking(move || vault.snapshot(&of)?.read_small_file(Artefact::Manifest.file_name())).await?;
        let stored: Option<Manifest> = serde_json::from_slice(&json).ok();
        if stored.as_ref() != Some(&known.manifest) {
            return Err(StepError::failed(PointFault::OtherManifest));
        }
        let snapshot = snapshot.to_owned();
        Ok(Effect::noting(Note::PointReadable { snapshot }))
    }

    /// A recovery point of the catalogue.
    pub(super) async fn point(&self, id: &PointId) -> Result<RecoveryPoint, StepError> {
        let point = self.core.store.point(id).await?;
        point.ok_or_else(|| StepError::failed(PointFault::Missing { point: id.clone() }))
    }

    async fn manifest(&self) -> Result<Manifest, StepError> {
        let header = &self.plan().header;
        let Purpose::Backup {
            point,
            method,
            policy_name,
            ..
        } = &header.purpose
        else {
            return Err(StepError::failed(PlanFault::NoBackup));
        };
        let vm: Vm =
            serde_json::from_str(&self.learned(DEFINITION)?).map_err(|error| StepError::failed(unusable(error)))?;
        let disks = self.stored_disks()?;
        let manager = self.core.store.manager(&header.subject.manager).await?;
        Ok(Manifest {
            format: Manifest::FORMAT,
            point: point.clone(),
            run: header.run.clone(),
            subject: header.subject.clone(),
            manager_name: manager.map_or_else(|| header.subject.manager.to_string(), |manager| manager.name),
            taken_at: self.taken_at(),
            policy: policy_name.clone(),
            plan_hash: self.sealed.hash().to_string(),
            content: Content::Vm(VmContent {
                vm,
                method: *method,
                consistency: Consistency::of(*method, self.machine_ran(), disks.len()),
                disks,
            }),
            not_contained: header.not_contained.clone(),
        })
    }

    fn stored_disks(&self) -> Result<Vec<PointDisk>, StepError> {
        let copies = self.plan().steps.iter().filter_map(|step| match &step.action {
            Action::CopyDisk { slot, .. } => Some(*slot),
            _ => None,
        });
        copies
            .map(|slot| {
                serde_json::from_str(&self.learned(&disk_key(slot))?)
                    .map_err(|error| StepError::failed(unusable(error)))
            })
            .collect()
    }

    /// When the step began that stands for the time of the point.
    fn taken_at(&self) -> Timestamp {
        let mut steps = self.plan().steps.iter();
        let step = steps.find(|step| step.marks.contains(&Mark::PointInTime));
        step.and_then(|step| self.journal.begun_at(&step.id))
            .unwrap_or_else(|| self.core.now())
    }

    async fn rebuild_script(&self, vm: &Vm) -> Result<String, StepError> {
        let header = &self.plan().header;
        let revision = self.core.store.latest_revision(&header.subject.manager).await?;
        let mut estate = revision.map_or_else(Estate::default, |revision| Estate::clone(&revision.estate));
        estate.vms.retain(|other| other.id != vm.id);
        estate.vms.push(vm.clone());
        estate.sort();
        let script = rebuild_script(&estate, &vm.id).map_err(|error| StepError::failed(unusable(error)))?;
        script
            .render_for_people()
            .map_err(|error| StepError::failed(unusable(error)))
    }
}
