//! Recovery points: what there is, their files, and whether the stored disks are still what they were.

use super::access::{record, team_of, visible, wanted};
use crate::core::{Core, from_store, internal};
use crate::run::{StepError, blocking, see_that_target_opens, verify};
use crate::transfer::Meter;
use async_trait::async_trait;
use domain::actor::{Actor, Permission};
use domain::audit::{AuditSubject, Detail};
use domain::error::ServiceError;
use domain::ids::PointId;
use domain::list::Part;
use domain::point::{Artefact, PointSummary, RecoveryPoint};
use domain::services::{Answer, CatalogueService, PointFilter};
use std::sync::Arc;

/// What a recovery point is called when it is missing.
const WHAT: &str = "recovery point";

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
        visible(actor, team.as_ref(), WHAT, id)?;
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

    async fn target(&self, actor: &Actor) -> Answer<String> {
        actor.require_somewhere(Permission::RequestRestore)?;
        Ok(self.0.vault.target().display().to_string())
    }

    async fn target_fault(&self, actor: &Actor) -> Answer<Option<String>> {
        actor.require_somewhere(Permission::ViewEstate)?;
        Ok(self.0.target_fault())
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
        point.ok_or_else(|| ServiceError::not_found(WHAT, id))
    }

    async fn read(&self, point: &RecoveryPoint, artefact: Artefact) -> Answer<Vec<u8>> {
        if artefact == Artefact::VmCfg && point.manifest.machine().vm.vm_cfg.is_none() {
            return Err(ServiceError::conflict(
                "This recovery point holds no vm.cfg, because the Manager did not print one.",
                "Use the rebuild script or the manifest.",
            ));
        }
        let (vault, snapshot) = (self.0.vault.clone(), point.snapshot.clone());
        blocking(move || vault.read_small_file(&snapshot, artefact.file_name()))
            .await
            .map_err(internal)
    }
}

/// A task of its own: the result is kept although the one who asked goes away.
async fn check(core: Arc<Core>, actor: String, point: RecoveryPoint) -> Answer<()> {
    let verified = async {
        // Not for restores: while this process has the key, they may be the last way to what is stored.
        see_that_target_opens(&core).await?;
        verify(&core, &actor, &point, Meter::default()).await
    };
    match verified.await {
        Ok(_) => Ok(()),
        Err(StepError::Store(error)) => Err(from_store(error)),
        Err(unreadable) => Err(ServiceError::conflict(
            format!("The integrity check was not made: {unreadable}"),
            "Nothing was noted about the recovery point. See to the backup target, then try again.",
        )),
    }
}
