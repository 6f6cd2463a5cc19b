//! Recovery points: what there is, their files, and whether the stored disks are still what they were.

use super::access::{record, team_of, visible, wanted};
use crate::core::{Core, blocking, from_store, internal};
use crate::run::{see_that_target_opens, verify};
use crate::step::StepError;
use crate::transfer::Meter;
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::audit::{AuditSubject, Detail};
use domain::error::{PointConflict, ServiceError, Thing};
use domain::fault::TargetFault;
use domain::ids::{PointId, TargetId};
use domain::list::Part;
use domain::point::{Artefact, PointCopy, PointSummary, RecoveryPoint};
use domain::services::{Answer, CatalogueService, PointFilter};
use domain::target::Locations;
use std::sync::Arc;

pub(crate) struct Catalogue(pub(crate) Arc<Core>);

#[async_trait]
impl CatalogueService for Catalogue {
    async fn points(&self, actor: &Actor, filter: &PointFilter) -> Answer<Part<PointSummary>> {
        actor.require_somewhere(Permission::ViewEstate)?;
        let reach = actor.reach(Permission::ViewEstate);
        let wanted = wanted(&reach, filter.text.as_deref(), filter.before.as_ref());
        let points = self.0.store.points(filter.subject.as_ref(), &wanted).await;
        points.map(Part::beginning).map_err(from_store)
    }

    async fn point(&self, actor: &Actor, id: &PointId) -> Answer<RecoveryPoint> {
        let point = self.existing(id).await?;
        let team = team_of(&self.0, &point.manifest.subject.at()).await?;
        visible(actor, team.as_ref(), Thing::RecoveryPoint, id)?;
        Ok(point)
    }

    async fn artefact(&self, actor: &Actor, id: &PointId, artefact: Artefact) -> Answer<Vec<u8>> {
        let point = self.point(actor, id).await?;
        let team = team_of(&self.0, &point.manifest.subject.at()).await?;
        actor.require(Permission::DownloadArtefacts, team.as_ref())?;
        let bytes = self.read(&point, artefact).await?;
        let detail = Detail::ArtefactDownloaded {
            artefact,
            name: point.manifest.subject.name.clone(),
        };
        let event = self.0.event(&actor.name, AuditSubject::Point(id.clone()), detail);
        record(&self.0, &event).await?;
        Ok(bytes)
    }

    async fn targets(&self, actor: &Actor) -> Answer<Locations> {
        actor.require_somewhere(Permission::RequestRestore)?;
        locations(&self.0).await
    }

    async fn target_faults(&self, actor: &Actor) -> Answer<Vec<TargetFault>> {
        actor.require_somewhere(Permission::ViewEstate)?;
        let looks = self.0.target_looks().into_values();
        Ok(looks.filter_map(|look| look.fault).collect())
    }

    async fn verify(&self, actor: &Actor, id: &PointId) -> Answer<RecoveryPoint> {
        let point = self.point(actor, id).await?;
        let team = team_of(&self.0, &point.manifest.subject.at()).await?;
        if !actor.may(Permission::RunBackup, team.as_ref()) {
            actor.require(Permission::RequestRestore, team.as_ref())?;
        }
        let check = tokio::spawn(check(self.0.clone(), actor.name.clone(), point));
        check.await.map_err(internal)??;
        self.existing(id).await
    }
}

impl Catalogue {
    async fn existing(&self, id: &PointId) -> Answer<RecoveryPoint> {
        let point = self.0.store.point(id).await.map_err(from_store)?;
        point.ok_or_else(|| ServiceError::not_found(Thing::RecoveryPoint, id))
    }

    async fn read(&self, point: &RecoveryPoint, artefact: Artefact) -> Answer<Vec<u8>> {
        if artefact == Artefact::VmCfg && point.manifest.machine().vm.vm_cfg.is_none() {
            return Err(ServiceError::conflict(PointConflict::NoVmCfg));
        }
        let copy = point.whole_copy(&TargetId::first()).or(point.copies.first());
        let copy =
            copy.ok_or_else(|| internal(format!("the recovery point {} is stored nowhere", point.manifest.point)))?;
        let vault = self.0.target(&copy.target).await.map_err(internal)?;
        let snapshot = copy.snapshot.clone();
        blocking(move || vault.snapshot(&snapshot)?.read_small_file(artefact.file_name()))
            .await
            .map_err(internal)
    }
}

/// A task of its own: the result is kept although the one who asked goes away.
async fn check(core: Arc<Core>, actor: String, point: RecoveryPoint) -> Answer<()> {
    let mut verified = Ok(());
    for copy in &point.copies {
        verified = verified.and(check_copy(&core, &actor, &point, copy).await);
    }
    match verified {
        Ok(()) => Ok(()),
        Err(StepError::Store(error)) => Err(from_store(error)),
        Err(unreadable) => {
            let fault = Box::new(unreadable.fault());
            Err(ServiceError::conflict(PointConflict::NotChecked(fault)))
        }
    }
}

async fn check_copy(core: &Core, actor: &str, point: &RecoveryPoint, copy: &PointCopy) -> Result<(), StepError> {
    // Not for restores: while this process has the key, they may be the last way to what is stored.
    see_that_target_opens(core, &copy.target).await?;
    verify(core, actor, point, copy, Meter::default()).await.map(drop)
}

/// Where the backup targets lie.
pub(super) async fn locations(core: &Core) -> Answer<Locations> {
    let targets = core.store.targets().await.map_err(from_store)?;
    let located = targets
        .into_iter()
        .map(|target| (target.id, target.location.to_string()));
    Ok(located.collect())
}
