//! Manifests and plans lie packed, where no list reads them: each as what differs from another one about the same object.
//! Most of a manifest is the definition of a machine, and most of a plan its steps, which are the same again and again.
//!
//! The crate `store` packs new ones in the same way.

use crate::{drop_tables, index, table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, blob, text};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};
use serde_json::Value;
use std::collections::HashMap;
use std::io::Read;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const LEVEL: i32 = 3;

/// A Manager and an object of its.
type Object = (String, String);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let base = table("text_base")
            .col(big_pk_auto("id"))
            .col(text("kind"))
            .col(text("manager"))
            .col(text("subject"))
            .col(blob("body"))
            .take();
        manager.create_table(base).await?;
        let of_subject = index("text_base_of_subject", "text_base", ["kind", "manager", "subject"]);
        manager.create_index(of_subject).await?;
        let manifest = table("manifest")
            .col(text("point").primary_key())
            .col(big_integer("base"))
            .col(blob("body"))
            .take();
        manager.create_table(manifest).await?;
        add(manager, big_integer("base").default(0).take()).await?;
        add(manager, blob("body").default(Vec::<u8>::new()).take()).await?;
        let db = manager.get_connection();
        pack_manifests(db).await?;
        pack_plans(db).await?;
        drop_column(manager, "recovery_point", "manifest").await?;
        drop_column(manager, "plan", "canonical").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let with = Table::alter()
            .table("recovery_point")
            .add_column(text("manifest").default(""))
            .take();
        manager.alter_table(with).await?;
        add(manager, text("canonical").default("").take()).await?;
        let db = manager.get_connection();
        unpack_all(db, ("manifest", "point"), ("recovery_point", "id", "manifest")).await?;
        unpack_all(db, ("plan", "hash"), ("plan", "hash", "canonical")).await?;
        drop_column(manager, "plan", "base").await?;
        drop_column(manager, "plan", "body").await?;
        drop_tables(manager, ["manifest", "text_base"]).await
    }
}

/// Adds a column to the plans.
async fn add(manager: &SchemaManager<'_>, column: ColumnDef) -> Result<(), DbErr> {
    manager
        .alter_table(Table::alter().table("plan").add_column(column).take())
        .await
}

async fn drop_column(manager: &SchemaManager<'_>, table: &'static str, column: &'static str) -> Result<(), DbErr> {
    manager
        .alter_table(Table::alter().table(table).drop_column(column).take())
        .await
}

async fn pack_manifests(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut packer = Packer::new(db, "manifest");
    for id in ids(db, "recovery_point", "id").await? {
        let Some(row) = row(db, "recovery_point", &["manager", "subject", "manifest"], ("id", &id)).await? else {
            continue;
        };
        let of = (row.try_get("", "manager")?, row.try_get("", "subject")?);
        let (base, body) = packer.pack(of, row.try_get("", "manifest")?).await?;
        let mut insert = Query::insert();
        insert.into_table("manifest").columns(["point", "base", "body"]);
        insert.values_panic([Expr::value(id), Expr::value(base), Expr::value(body)]);
        db.execute(&insert).await?;
    }
    Ok(())
}

async fn pack_plans(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut packer = Packer::new(db, "plan");
    for hash in ids(db, "plan", "hash").await? {
        let Some(row) = row(db, "plan", &["canonical"], ("hash", &hash)).await? else {
            continue;
        };
        let canonical: String = row.try_get("", "canonical")?;
        let (base, body) = packer.pack(about(&canonical), canonical).await?;
        let update = Query::update()
            .table("plan")
            .values([("base", Expr::value(base)), ("body", Expr::value(body))])
            .and_where(Expr::col("hash").eq(hash))
            .take();
        db.execute(&update).await?;
    }
    Ok(())
}

/// What a plan is about, in the form of this release or an earlier one. A wrong answer costs only room.
fn about(plan: &str) -> Object {
    let plan: Value = serde_json::from_str(plan).unwrap_or_default();
    let header = &plan["header"];
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match header.get("subject") {
        Some(subject) => (word(&subject["manager"]), word(&subject["object"])),
        None => (word(&header["manager"]), format!("vm-{}", word(&header["vm"]))),
    }
}

/// In the order in which they were stored, nearly. Only the ids: all together may be large.
async fn ids(db: &impl ConnectionTrait, table: &'static str, id: &'static str) -> Result<Vec<String>, DbErr> {
    let all = Query::select().column(id).from(table).take();
    let rows = db.query_all(&all).await?;
    rows.iter().map(|row| row.try_get("", id)).collect()
}

async fn row(
    db: &impl ConnectionTrait,
    table: &'static str,
    columns: &[&'static str],
    (id, value): (&'static str, &str),
) -> Result<Option<sea_orm_migration::sea_orm::QueryResult>, DbErr> {
    let one = Query::select()
        .columns(columns.iter().copied())
        .from(table)
        .and_where(Expr::col(id).eq(value))
        .take();
    db.query_one(&one).await
}

struct Packer<'a, C> {
    db: &'a C,
    kind: &'static str,
    /// What the next text about an object is compared with.
    bases: HashMap<Object, (i64, Vec<u8>)>,
}

impl<'a, C: ConnectionTrait> Packer<'a, C> {
    fn new(db: &'a C, kind: &'static str) -> Self {
        let bases = HashMap::new();
        Self { db, kind, bases }
    }

    async fn pack(&mut self, of: Object, text: String) -> Result<(i64, Vec<u8>), DbErr> {
        let alone = packed(&text, "")?;
        if let Some((base, packed_base)) = self.bases.get(&of) {
            let difference = packed(&text, &unpacked(packed_base, "")?)?;
            if difference.len() * 2 <= alone.len() {
                return Ok((*base, difference));
            }
        }
        let mut insert = Query::insert();
        insert
            .into_table("text_base")
            .columns(["kind", "manager", "subject", "body"]);
        insert.values_panic([
            Expr::value(self.kind),
            Expr::value(of.0.as_str()),
            Expr::value(of.1.as_str()),
            Expr::value(alone.clone()),
        ]);
        self.db.execute(&insert).await?;
        let last = Query::select().expr(Expr::col("id").max()).from("text_base").take();
        let row = self.db.query_one(&last).await?;
        let id: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        let id = id.ok_or_else(|| DbErr::RecordNotFound("text_base".into()))?;
        self.bases.insert(of, (id, alone));
        Ok((id, packed(&text, &text)?))
    }
}

/// Puts the packed texts of a table, by their keys, back into a column.
async fn unpack_all(
    db: &impl ConnectionTrait,
    (from, key): (&'static str, &'static str),
    (to, id, column): (&'static str, &'static str, &'static str),
) -> Result<(), DbErr> {
    for one in ids(db, from, key).await? {
        let Some(text) = row(db, from, &["base", "body"], (key, &one)).await? else {
            continue;
        };
        let of_base = Query::select()
            .column("body")
            .from("text_base")
            .and_where(Expr::col("id").eq(text.try_get::<i64>("", "base")?))
            .take();
        let Some(base) = db.query_one(&of_base).await? else {
            continue;
        };
        let base = unpacked(&base.try_get::<Vec<u8>>("", "body")?, "")?;
        let text = unpacked(&text.try_get::<Vec<u8>>("", "body")?, &base)?;
        let update = Query::update()
            .table(to)
            .value(column, text)
            .and_where(Expr::col(id).eq(one))
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
    DbErr::Custom(format!("a stored text cannot be packed: {error}"))
}
