//! Manifests, byte for byte as they were written, each packed as what differs from another one of the same object. Most of
//! a manifest is the definition of a machine, which is the same from point to point.

use crate::entity::{manifest, manifest_base};
use crate::value::{from_json, to_json};
use crate::{StoreError, Tx};
use domain::ids::PointId;
use domain::point::Manifest;
use sea_orm::prelude::*;
use sea_orm::{Insert, NotSet, QueryOrder, Set};
use std::io::{self, Read};

const WHAT: &str = "manifest";
const LEVEL: i32 = 3;

impl Tx {
    /// Stores a manifest. Where it has not enough in common with the one that those of its object are compared with, the
    /// next ones are compared with it.
    pub(crate) async fn insert_manifest(&self, new: &Manifest) -> Result<(), StoreError> {
        let text = to_json(WHAT, new)?;
        let alone = packed(&text, "")?;
        let (base, body) = match self.newest_base(new).await? {
            Some((base, base_text)) => match packed(&text, &base_text)? {
                body if body.len() * 2 <= alone.len() => (base, body),
                _ => (self.insert_base(new, alone).await?, packed(&text, &text)?),
            },
            None => (self.insert_base(new, alone).await?, packed(&text, &text)?),
        };
        let row = manifest::Model {
            point: new.point.to_string(),
            base,
            body,
        };
        Insert::one(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    async fn newest_base(&self, of: &Manifest) -> Result<Option<(i64, String)>, StoreError> {
        let newest = manifest_base::Entity::find()
            .filter(manifest_base::Column::Manager.eq(of.subject.manager.as_str()))
            .filter(manifest_base::Column::Subject.eq(of.subject.object.key()))
            .order_by_desc(manifest_base::Column::Id)
            .one(&self.db)
            .await?;
        newest.map(|base| Ok((base.id, unpacked(&base.body, "")?))).transpose()
    }

    async fn insert_base(&self, of: &Manifest, body: Vec<u8>) -> Result<i64, StoreError> {
        let row = manifest_base::ActiveModel {
            id: NotSet,
            manager: Set(of.subject.manager.to_string()),
            subject: Set(of.subject.object.key()),
            body: Set(body),
        };
        Ok(Insert::one(row).exec(&self.db).await?.last_insert_id)
    }
}

/// The manifest of a recovery point.
pub(crate) async fn manifest(db: &impl ConnectionTrait, point: &PointId) -> Result<Manifest, StoreError> {
    let missing = || StoreError::unreadable(WHAT, format!("that of the recovery point {point} is missing"));
    let row = manifest::Entity::find_by_id(point.as_str()).one(db).await?;
    let row = row.ok_or_else(missing)?;
    let base = manifest_base::Entity::find_by_id(row.base).one(db).await?;
    let base = unpacked(&base.ok_or_else(missing)?.body, "")?;
    from_json(WHAT, &unpacked(&row.body, &base)?)
}

fn packed(text: &str, base: &str) -> Result<Vec<u8>, StoreError> {
    let packer = zstd::bulk::Compressor::with_dictionary(LEVEL, base.as_bytes());
    packer
        .and_then(|mut packer| packer.compress(text.as_bytes()))
        .map_err(unreadable)
}

fn unpacked(body: &[u8], base: &str) -> Result<String, StoreError> {
    let mut text = String::new();
    zstd::stream::Decoder::with_dictionary(body, base.as_bytes())
        .and_then(|mut unpacker| unpacker.read_to_string(&mut text))
        .map_err(unreadable)?;
    Ok(text)
}

fn unreadable(error: io::Error) -> StoreError {
    StoreError::unreadable(WHAT, error)
}
