//! The journal of a run: the intent of each step before its effect, the outcome after it.

use crate::entity::journal;
use crate::error::changed;
use crate::value::{clean, from_json, from_json_or_null, from_word, number, to_json, to_word};
use crate::{Store, StoreError, Tx};
use domain::ids::RunId;
use domain::note::Note;
use domain::plan::Bindings;
use domain::run::{JournalEntry, Outcome, Phase};
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{Insert, QueryOrder, QuerySelect, UpdateMany};

impl Tx {
    /// Writes the intent of a step and returns its place in the journal, from 1.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another worker has claimed the run since.
    pub async fn begin_entry(
        &self,
        run: &RunId,
        fence: i64,
        step: &str,
        phase: Phase,
        at: Timestamp,
    ) -> Result<i64, StoreError> {
        self.check_fence(run, fence).await?;
        let seq = last_seq(&self.db, run).await? + 1;
        let row = journal::Model {
            run: run.to_string(),
            seq,
            step: step.to_owned(),
            phase: to_word("phase", phase)?,
            started_at: at.0,
            ended_at: None,
            outcome: None,
            observed: String::new(),
            bytes: None,
            learned: to_json("learned values", &Bindings::default())?,
            notes: None,
        };
        Insert::one(row).exec_without_returning(&self.db).await?;
        Ok(seq)
    }

    /// Writes down what an unfinished step has learned so far, so that it is known whatever happens next.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another worker has claimed the run since, [`StoreError::Missing`].
    pub async fn note_entry(&self, run: &RunId, fence: i64, seq: i64, learned: &Bindings) -> Result<(), StoreError> {
        self.check_fence(run, fence).await?;
        let learned = Expr::value(to_json("learned values", learned)?);
        let update = open_entry(run, seq).col_expr(journal::Column::Learned, learned);
        changed(
            update.exec(&self.db).await?.rows_affected,
            "unfinished journal entry",
            seq,
        )
    }

    /// Takes the intent of a step back that came to nothing new.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another worker has claimed the run since; [`StoreError::Missing`] when there is no
    /// such entry or it has its outcome already.
    pub async fn withdraw_entry(&self, run: &RunId, fence: i64, seq: i64) -> Result<(), StoreError> {
        self.check_fence(run, fence).await?;
        let withdrawn = journal::Entity::delete_many()
            .filter(journal::Column::Run.eq(run.as_str()))
            .filter(journal::Column::Seq.eq(seq))
            .filter(journal::Column::Outcome.is_null());
        changed(
            withdrawn.exec(&self.db).await?.rows_affected,
            "unfinished journal entry",
            seq,
        )
    }

    /// Writes the outcome of a step.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when another worker has claimed the run since; [`StoreError::Missing`] when there is no
    /// such entry or it has its outcome already.
    #[expect(clippy::too_many_arguments, reason = "one value for each column, written once")]
    pub async fn finish_entry(
        &self,
        run: &RunId,
        fence: i64,
        seq: i64,
        outcome: Outcome,
        observed: &str,
        notes: &[Note],
        bytes: Option<u64>,
        learned: &Bindings,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.check_fence(run, fence).await?;
        let bytes: Option<i64> = bytes.map(|bytes| number("byte count", bytes)).transpose()?;
        let update = open_entry(run, seq)
            .col_expr(journal::Column::Outcome, Expr::value(to_word("outcome", outcome)?))
            .col_expr(journal::Column::Observed, Expr::value(clean(observed)))
            .col_expr(journal::Column::Notes, Expr::value(to_json("notes", &notes)?))
            .col_expr(journal::Column::Bytes, Expr::value(bytes))
            .col_expr(
                journal::Column::Learned,
                Expr::value(to_json("learned values", learned)?),
            )
            .col_expr(journal::Column::EndedAt, Expr::value(at.0));
        changed(
            update.exec(&self.db).await?.rows_affected,
            "unfinished journal entry",
            seq,
        )
    }

    /// [`Store::journal`], as this transaction sees it.
    ///
    /// # Errors
    /// As there.
    pub async fn journal(&self, run: &RunId) -> Result<Vec<JournalEntry>, StoreError> {
        journal(&self.db, run).await
    }
}

impl Store {
    /// The journal of a run, in order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Unreadable`].
    pub async fn journal(&self, run: &RunId) -> Result<Vec<JournalEntry>, StoreError> {
        journal(&self.db, run).await
    }
}

fn open_entry(run: &RunId, seq: i64) -> UpdateMany<journal::Entity> {
    journal::Entity::update_many()
        .filter(journal::Column::Run.eq(run.as_str()))
        .filter(journal::Column::Seq.eq(seq))
        .filter(journal::Column::Outcome.is_null())
}

async fn last_seq(db: &impl ConnectionTrait, run: &RunId) -> Result<i64, StoreError> {
    let last: Option<i64> = journal::Entity::find()
        .select_only()
        .column(journal::Column::Seq)
        .filter(journal::Column::Run.eq(run.as_str()))
        .order_by_desc(journal::Column::Seq)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(last.unwrap_or_default())
}

async fn journal(db: &impl ConnectionTrait, run: &RunId) -> Result<Vec<JournalEntry>, StoreError> {
    let rows = journal::Entity::find().filter(journal::Column::Run.eq(run.as_str()));
    let rows = rows.order_by_asc(journal::Column::Seq).all(db).await?;
    rows.into_iter().map(entry).collect()
}

fn entry(row: journal::Model) -> Result<JournalEntry, StoreError> {
    Ok(JournalEntry {
        seq: row.seq,
        step: row.step,
        phase: from_word("phase", row.phase)?,
        started_at: Timestamp(row.started_at),
        ended_at: row.ended_at.map(Timestamp),
        outcome: row.outcome.map(|word| from_word("outcome", word)).transpose()?,
        observed: row.observed,
        notes: from_json_or_null("notes", row.notes.as_ref())?.unwrap_or_default(),
        bytes: row.bytes.map(|bytes| number("byte count", bytes)).transpose()?,
        learned: from_json("learned values", &row.learned)?,
    })
}
