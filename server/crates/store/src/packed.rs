//! Long texts that are nearly the same again and again, kept byte for byte: each is packed as what differs from another one
//! about the same object. Most of a manifest is the definition of a VM, and most of a plan its steps.

use crate::entity::text_base;
use crate::{StoreError, Tx};
use domain::subject::SubjectRef;
use sea_orm::prelude::*;
use sea_orm::{Insert, NotSet, QueryOrder, Set};
use std::io::{self, Read};

/// As the migrations pack what was stored before.
const LEVEL: i32 = 3;

/// What a text is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Manifest,
    Plan,
}

impl Kind {
    fn key(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Plan => "plan",
        }
    }
}

/// A packed text.
pub(crate) struct Packed {
    /// What it is packed against.
    pub base: i64,
    pub body: Vec<u8>,
}

impl Tx {
    /// Packs a text about an object. Where it has not enough in common with the one that those about the object are
    /// compared with, the next ones are compared with it.
    pub(crate) async fn pack(&self, kind: Kind, of: &SubjectRef, text: &str) -> Result<Packed, StoreError> {
        let alone = packed(kind, text, "")?;
        if let Some((base, base_text)) = self.newest_base(kind, of).await? {
            let body = packed(kind, text, &base_text)?;
            if body.len() * 2 <= alone.len() {
                return Ok(Packed { base, body });
            }
        }
        let row = text_base::ActiveModel {
            id: NotSet,
            kind: Set(kind.key().to_owned()),
            manager: Set(of.manager.to_string()),
            subject: Set(of.object.key()),
            body: Set(alone),
        };
        let base = Insert::one(row).exec(&self.db).await?.last_insert_id;
        let body = packed(kind, text, text)?;
        Ok(Packed { base, body })
    }

    async fn newest_base(&self, kind: Kind, of: &SubjectRef) -> Result<Option<(i64, String)>, StoreError> {
        let newest = text_base::Entity::find()
            .filter(text_base::Column::Kind.eq(kind.key()))
            .filter(text_base::Column::Manager.eq(of.manager.as_str()))
            .filter(text_base::Column::Subject.eq(of.object.key()))
            .order_by_desc(text_base::Column::Id)
            .one(&self.db)
            .await?;
        newest
            .map(|base| Ok((base.id, unpacked(kind, &base.body, "")?)))
            .transpose()
    }
}

/// The text that was packed.
pub(crate) async fn unpack(db: &impl ConnectionTrait, kind: Kind, text: &Packed) -> Result<String, StoreError> {
    let base = text_base::Entity::find_by_id(text.base).one(db).await?;
    let base = base.ok_or_else(|| StoreError::unreadable(kind.key(), "what it was packed against is missing"))?;
    unpacked(kind, &text.body, &unpacked(kind, &base.body, "")?)
}

fn packed(kind: Kind, text: &str, base: &str) -> Result<Vec<u8>, StoreError> {
    let packer = zstd::bulk::Compressor::with_dictionary(LEVEL, base.as_bytes());
    let packed = packer.and_then(|mut packer| packer.compress(text.as_bytes()));
    packed.map_err(|error| unreadable(kind, error))
}

fn unpacked(kind: Kind, body: &[u8], base: &str) -> Result<String, StoreError> {
    let mut text = String::new();
    zstd::stream::Decoder::with_dictionary(body, base.as_bytes())
        .and_then(|mut unpacker| unpacker.read_to_string(&mut text))
        .map_err(|error| unreadable(kind, error))?;
    Ok(text)
}

fn unreadable(kind: Kind, error: io::Error) -> StoreError {
    StoreError::unreadable(kind.key(), error)
}
