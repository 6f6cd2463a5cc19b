//! The audit trail. Writers take turns, so each row follows the one that was last when it was written.

use crate::asked::asked;
use crate::entity::audit;
use crate::value::{clean, from_json, to_json};
use crate::{Store, StoreError, Tx};
use audit::Column as C;
use domain::audit::{AuditEvent, AuditRow, AuditSubject, Chain, chain_hash};
use domain::plan::Said;
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::sea_query::{BinOper, Expr, ExprTrait, Func};
use sea_orm::{Condition, Insert, QueryOrder, QuerySelect, QueryTrait};
use std::collections::HashMap;

/// Rows that are followed at a time.
const STRETCH: u64 = 1000;

impl Tx {
    /// Adds a row to the trail and returns its place.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn audit(&self, event: &AuditEvent) -> Result<i64, StoreError> {
        let last = audit::Entity::find()
            .order_by_desc(C::Seq)
            .limit(1)
            .one(&self.db)
            .await?;
        let (seq, previous) = last.map_or((0, String::new()), |row| (row.seq, row.hash));
        // Hashed is what will be read back.
        let event = storable(event);
        let hash = chain_hash(&previous, &event);
        let (detail, payload) = match &event.detail {
            Said::Typed(detail) => (String::new(), Some(to_json("detail", detail)?)),
            Said::Text(text) => (text.clone(), None),
        };
        let row = audit::Model {
            seq: seq + 1,
            at: event.at.0,
            actor: event.actor,
            event: event.event,
            subject: event.subject.key(),
            plan_hash: event.plan_hash,
            detail,
            address: event.address,
            hash,
            payload,
        };
        Insert::one(row).exec_without_returning(&self.db).await?;
        Ok(seq + 1)
    }
}

impl Store {
    /// A stretch of the trail, newest first: rows before `before`, and only those where `text` is in actor, event,
    /// subject, plan hash or the values of the detail, in whatever case.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn audit(
        &self,
        text: Option<&str>,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let rows = audit::Entity::find()
            .apply_if(before, |rows, before| rows.filter(C::Seq.lt(before)))
            .apply_if(text, |rows, text| rows.filter(anywhere(text)))
            .order_by_desc(C::Seq)
            .limit(limit);
        let rows = asked(rows.all(&self.db)).await?;
        Ok(rows.into_iter().map(from_row).collect())
    }

    /// Follows the trail from where `chain` has stopped to its end, and returns the first row that does not fit, if any.
    /// The row where it has stopped must still be there: the end of a trail can be cut off and written anew.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn follow_audit(&self, chain: &mut Chain) -> Result<Option<i64>, StoreError> {
        loop {
            let rows = self.audit_from(chain.seq, STRETCH).await?;
            let new = match rows.split_first() {
                _ if chain.seq == 0 => &rows,
                Some((last, new)) if last.seq == chain.seq && last.hash == chain.hash => new,
                _ => return Ok(Some(chain.seq)),
            };
            if new.is_empty() {
                return Ok(None);
            }
            let broken_at = chain.follow(new);
            if broken_at.is_some() {
                return Ok(broken_at);
            }
        }
    }

    /// The first of these rows that does not fit the hash of the row before it, if any.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn audit_misfit(&self, rows: &[AuditRow]) -> Result<Option<i64>, StoreError> {
        let before = self.audit_hashes(rows.iter().map(|row| row.seq - 1)).await?;
        let fits = |row: &&AuditRow| {
            let previous = before.get(&(row.seq - 1)).map_or("", String::as_str);
            row.hash == chain_hash(previous, &row.event)
        };
        Ok(rows.iter().filter(|row| !fits(row)).map(|row| row.seq).min())
    }

    /// The whole trail, from its first row.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn audit_all(&self) -> Result<Vec<AuditRow>, StoreError> {
        self.audit_from(0, i64::MAX as u64).await
    }

    /// Rows from a place on, oldest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn audit_from(&self, first: i64, limit: u64) -> Result<Vec<AuditRow>, StoreError> {
        let rows = audit::Entity::find()
            .filter(C::Seq.gte(first))
            .order_by_asc(C::Seq)
            .limit(limit)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(from_row).collect())
    }

    async fn audit_hashes(&self, seqs: impl Iterator<Item = i64>) -> Result<HashMap<i64, String>, StoreError> {
        let hashes: Vec<(i64, String)> = audit::Entity::find()
            .select_only()
            .columns([C::Seq, C::Hash])
            .filter(C::Seq.is_in(seqs))
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(hashes.into_iter().collect())
    }
}

fn storable(event: &AuditEvent) -> AuditEvent {
    AuditEvent {
        at: event.at,
        actor: clean(&event.actor),
        event: clean(&event.event),
        subject: AuditSubject::from_key(&clean(&event.subject.key())),
        plan_hash: event.plan_hash.as_deref().map(clean),
        detail: event.detail.clone(),
        address: event.address.as_deref().map(clean),
    }
}

/// Both sides are lowered by the database, because the two of them do not lower alike.
fn anywhere(text: &str) -> Condition {
    let wild = clean(text).replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let pattern = Func::lower(Expr::value(format!("%{wild}%"))).binary(BinOper::Escape, Expr::value("!"));
    [C::Actor, C::Event, C::Subject, C::PlanHash, C::Detail, C::Payload]
        .into_iter()
        .map(|column| Func::lower(Expr::col(column)).binary(BinOper::Like, pattern.clone()))
        .fold(Condition::any(), Condition::add)
}

fn from_row(row: audit::Model) -> AuditRow {
    AuditRow {
        seq: row.seq,
        event: AuditEvent {
            at: Timestamp(row.at),
            actor: row.actor,
            event: row.event,
            subject: AuditSubject::from_key(&row.subject),
            plan_hash: row.plan_hash,
            detail: match &row.payload {
                // What was changed from outside must show as a row that does not fit, not as a trail that cannot be read.
                Some(json) => from_json("detail", json).map_or_else(|_| Said::Text(json.clone()), Said::Typed),
                None => Said::Text(row.detail),
            },
            address: row.address,
        },
        hash: row.hash,
    }
}
