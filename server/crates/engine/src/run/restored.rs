//! The disks that a run restores: does a file on a server hold what the catalogue says?

use crate::core::Core;
use crate::estate::{Reach, ReachError};
use crate::transfer::{difference, file_sha256};
use domain::fault::Difference;
use domain::plan::{Plan, Purpose, RemoteFile};
use domain::point::PointDisk;
use store::StoreError;

/// The disks of the recovery point that a run restores, as the catalogue knows them.
pub(crate) struct RestoredDisks(Vec<PointDisk>);

impl RestoredDisks {
    pub(crate) async fn of(core: &Core, plan: &Plan) -> Result<Self, StoreError> {
        let point = match &plan.header.purpose {
            Purpose::RestoreInPlace { point, .. } => core.store.point(point).await?,
            Purpose::Backup { .. } => None,
        };
        Ok(Self(
            point.map(|point| point.manifest.disks().to_vec()).unwrap_or_default(),
        ))
    }

    /// How a file on a server differs from the disk with this hash; nothing when it is the same.
    pub(crate) async fn difference(
        &self,
        reach: &Reach,
        file: &RemoteFile,
        sha256: &str,
    ) -> Result<Option<Difference>, ReachError> {
        match self.0.iter().find(|disk| disk.sha256 == sha256) {
            Some(disk) => difference(reach, file, disk).await,
            None => {
                let found = file_sha256(reach, file).await?;
                Ok((found != sha256).then(|| Difference::Hash {
                    of_data: false,
                    found,
                    stored: sha256.to_owned(),
                }))
            }
        }
    }
}
