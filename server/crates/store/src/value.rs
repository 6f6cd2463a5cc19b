//! Domain values as the columns hold them, and back.

use crate::StoreError;
use domain::ids::ManagerId;
use domain::request::Window;
use domain::subject::{Object, SubjectRef};
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::sea_query::LikeExpr;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A structured value as JSON.
pub(crate) fn to_json<T: Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::unreadable(what, error))
}

/// The value behind JSON.
pub(crate) fn from_json<T: DeserializeOwned>(what: &'static str, json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| StoreError::unreadable(what, error))
}

/// [`to_json`] for a column that may be empty.
pub(crate) fn to_json_or_null<T: Serialize>(
    what: &'static str,
    value: Option<&T>,
) -> Result<Option<String>, StoreError> {
    value.map(|value| to_json(what, value)).transpose()
}

/// [`from_json`] for a column that may be empty.
pub(crate) fn from_json_or_null<T: DeserializeOwned>(
    what: &'static str,
    json: Option<&String>,
) -> Result<Option<T>, StoreError> {
    json.map(|json| from_json(what, json)).transpose()
}

/// A plain enumeration as the word that it has in JSON.
pub(crate) fn to_word<T: Serialize>(what: &'static str, value: T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => Ok(word),
        _ => Err(StoreError::unreadable(what, "it is not a single word")),
    }
}

/// The value behind a word.
pub(crate) fn from_word<T: DeserializeOwned>(what: &'static str, word: String) -> Result<T, StoreError> {
    serde_json::from_value(Value::String(word)).map_err(|error| StoreError::unreadable(what, error))
}

/// The number as a narrower or unsigned type, for columns that hold only such.
pub(crate) fn number<A, B>(what: &'static str, number: A) -> Result<B, StoreError>
where
    B: TryFrom<A>,
    B::Error: ToString,
{
    B::try_from(number).map_err(|error| StoreError::unreadable(what, error.to_string()))
}

/// Text from outside, without the one character that PostgreSQL cannot hold.
pub(crate) fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// That a column holds this text. Both sides are as they are to be compared.
pub(crate) fn like<C: ColumnTrait>(column: C, text: &str) -> Expr {
    let wild = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    column.like(LikeExpr::new(format!("%{wild}%")).escape('!'))
}

/// The object of an estate behind a row's `manager` and `subject`.
pub(crate) fn subject_at(manager: String, subject: &str) -> Result<SubjectRef, StoreError> {
    let object = Object::from_key(subject).ok_or_else(|| StoreError::unreadable("subject", subject))?;
    let manager = ManagerId::new(manager);
    Ok(SubjectRef { manager, object })
}

/// The window behind its two ends.
pub(crate) fn window(not_before: Option<i64>, not_after: Option<i64>) -> Window {
    Window {
        not_before: not_before.map(Timestamp),
        not_after: not_after.map(Timestamp),
    }
}

/// Milliseconds of a point in time that may not be known.
pub(crate) fn ms(at: Option<Timestamp>) -> Option<i64> {
    at.map(|at| at.0)
}

/// For tests of how a query is answered.
#[cfg(test)]
pub(crate) mod tests {
    use crate::Store;
    use sea_orm::sea_query::SelectStatement;
    use sea_orm::{ConnectionTrait, DbBackend, Statement};
    use tempfile::TempDir;

    /// A database with nothing in it.
    pub(crate) async fn empty() -> (TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("holdfast.db").display());
        let store = Store::connect(&url).await.unwrap();
        (folder, store)
    }

    /// How SQLite would answer, a line for each thing that it does.
    pub(crate) async fn way(store: &Store, query: &SelectStatement) -> Vec<String> {
        let query = DbBackend::Sqlite.build(query);
        let explain = Statement {
            sql: format!("EXPLAIN QUERY PLAN {}", query.sql),
            ..query
        };
        let rows = store.db.query_all_raw(explain).await.unwrap();
        rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect()
    }
}
