//! Manifests lie packed in tables of their own, which no list reads: each as what differs from another one of the same
//! object. Most of a manifest is the definition of a machine, which is the same from point to point.
//!
//! The crate `store` packs those of new points in the same way.

use crate::{drop_tables, index, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, blob, text};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};
use std::io::Read;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const POINT: &str = "recovery_point";
const LEVEL: i32 = 3;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let base = table("manifest_base")
            .col(big_pk_auto("id"))
            .col(text("manager"))
            .col(text("subject"))
            .col(blob("body"))
            .take();
        manager.create_table(base).await?;
        let of_subject = index("manifest_base_of_subject", "manifest_base", ["manager", "subject"]);
        manager.create_index(of_subject).await?;
        let manifest = table("manifest")
            .col(text("point").primary_key())
            .col(big_integer("base"))
            .col(blob("body"))
            .take();
        manager.create_table(manifest).await?;
        pack_all(manager.get_connection()).await?;
        let without = Table::alter().table(POINT).drop_column("manifest").take();
        manager.alter_table(without).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let with = Table::alter()
            .table(POINT)
            .add_column(text("manifest").default(""))
            .take();
        manager.alter_table(with).await?;
        unpack_all(manager.get_connection()).await?;
        drop_tables(manager, ["manifest", "manifest_base"]).await
    }
}

/// The manifest that the next ones of an object are compared with.
struct Base {
    id: i64,
    of: (String, String),
    text: String,
}

/// One at a time, since all together may be large.
async fn pack_all(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let all = Query::select()
        .column("id")
        .from(POINT)
        .order_by("manager", Order::Asc)
        .order_by("subject", Order::Asc)
        .order_by("taken_at", Order::Asc)
        .take();
    let mut base: Option<Base> = None;
    for row in db.query_all(&all).await? {
        let id: String = row.try_get("", "id")?;
        let of_point = Query::select()
            .columns(["manager", "subject", "manifest"])
            .from(POINT)
            .and_where(Expr::col("id").eq(&id))
            .take();
        let Some(row) = db.query_one(&of_point).await? else {
            continue;
        };
        let of = (row.try_get("", "manager")?, row.try_get("", "subject")?);
        let text: String = row.try_get("", "manifest")?;
        let alone = packed(&text, "")?;
        let known = base.filter(|base| base.of == of);
        let difference = known.as_ref().map(|base| packed(&text, &base.text)).transpose()?;
        let (now, body) = match (known, difference) {
            (Some(base), Some(difference)) if difference.len() * 2 <= alone.len() => (base, difference),
            _ => {
                let body = packed(&text, &text)?;
                (new_base(db, of, text, alone).await?, body)
            }
        };
        let mut insert = Query::insert();
        insert.into_table("manifest").columns(["point", "base", "body"]);
        insert.values_panic([Expr::value(id), Expr::value(now.id), Expr::value(body)]);
        db.execute(&insert).await?;
        base = Some(now);
    }
    Ok(())
}

async fn new_base(db: &impl ConnectionTrait, of: (String, String), text: String, body: Vec<u8>) -> Result<Base, DbErr> {
    let mut insert = Query::insert();
    insert
        .into_table("manifest_base")
        .columns(["manager", "subject", "body"]);
    insert.values_panic([
        Expr::value(of.0.as_str()),
        Expr::value(of.1.as_str()),
        Expr::value(body),
    ]);
    db.execute(&insert).await?;
    let last = Query::select().expr(Expr::col("id").max()).from("manifest_base").take();
    let row = db.query_one(&last).await?;
    let id: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    let id = id.ok_or_else(|| DbErr::RecordNotFound("manifest_base".into()))?;
    Ok(Base { id, of, text })
}

async fn unpack_all(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let all = Query::select()
        .columns(["point", "base", "body"])
        .from("manifest")
        .take();
    for row in db.query_all(&all).await? {
        let (point, base): (String, i64) = (row.try_get("", "point")?, row.try_get("", "base")?);
        let of_base = Query::select()
            .column("body")
            .from("manifest_base")
            .and_where(Expr::col("id").eq(base))
            .take();
        let Some(of_base) = db.query_one(&of_base).await? else {
            continue;
        };
        let base = unpacked(&of_base.try_get::<Vec<u8>>("", "body")?, "")?;
        let manifest = unpacked(&row.try_get::<Vec<u8>>("", "body")?, &base)?;
        let update = Query::update()
            .table(POINT)
            .value("manifest", manifest)
            .and_where(Expr::col("id").eq(point))
            .take();
        db.execute(&update).await?;
    }
    Ok(())
}

fn packed(text: &str, base: &str) -> Result<Vec<u8>, DbErr> {
    let packer = zstd::bulk::Compressor::with_dictionary(LEVEL, base.as_bytes());
    packer
        .and_then(|mut packer| packer.compress(text.as_bytes()))
        .map_err(not_packed)
}

fn unpacked(body: &[u8], base: &str) -> Result<String, DbErr> {
    let mut text = String::new();
    zstd::stream::Decoder::with_dictionary(body, base.as_bytes())
        .and_then(|mut unpacker| unpacker.read_to_string(&mut text))
        .map_err(not_packed)?;
    Ok(text)
}

fn not_packed(error: std::io::Error) -> DbErr {
    DbErr::Custom(format!("a manifest cannot be packed: {error}"))
}
