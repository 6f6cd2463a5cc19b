//! A question that nobody waits for any more ends. Dropping the future of a query does not stop SQLite, which goes on in a
//! thread of the connection: so the thread itself looks now and then whether somebody still waits.

use sea_orm::sqlx::Error as SqlxError;
use sea_orm::sqlx::sqlite::SqliteConnection;
use std::sync::Arc;
use tokio::task_local;

/// Steps of a statement after which the thread looks, about a tenth of a millisecond.
const STEPS: i32 = 4000;

task_local! {
    /// There for as long as somebody waits for the answer.
    static WAITING: Arc<()>;
}

/// Asks something that may take long: when the answer is not waited for any more, SQLite ends the statement that it is at.
pub(crate) async fn asked<T>(question: impl Future<Output = T>) -> T {
    WAITING.scope(Arc::default(), question).await
}

/// Makes a connection look whether somebody waits for what is asked next. To be called in the task that asks, before each
/// use: what is written outside of a question must not be cut off.
pub(crate) async fn heed(connection: &mut SqliteConnection) -> Result<(), SqlxError> {
    let waiting = WAITING.try_with(Arc::downgrade);
    let mut handle = connection.lock_handle().await?;
    match waiting {
        Ok(waiting) => handle.set_progress_handler(STEPS, move || waiting.strong_count() > 0),
        Err(_) => handle.remove_progress_handler(),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;
    use crate::value::tests::empty;
    use sea_orm::{ConnectionTrait, DbBackend, Statement};
    use std::time::Duration;
    use tokio::time::timeout;

    /// More than there are connections.
    const MANY: usize = 12;

    async fn endless(store: &Store) {
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0";
        let statement = Statement::from_string(DbBackend::Sqlite, sql);
        asked(store.db.query_one_raw(statement)).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn questions_that_nobody_waits_for_take_no_connection() {
        let (_folder, store) = empty().await;
        for _ in 0..MANY {
            timeout(Duration::from_millis(20), endless(&store)).await.unwrap_err();
        }
        let next = timeout(Duration::from_secs(20), store.managers());
        assert_eq!(next.await.expect("every connection is busy for ever").unwrap(), []);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_waited_for_is_answered_to_its_end() {
        let (_folder, store) = empty().await;
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
                   SELECT COUNT(*) FROM n";
        let counted = async || {
            let statement = Statement::from_string(DbBackend::Sqlite, sql);
            let row = store.db.query_one_raw(statement).await.unwrap().unwrap();
            row.try_get_by_index::<i64>(0).unwrap()
        };
        assert_eq!(asked(counted()).await, 100_000);
        // The connection that it had is used again, without anybody who is asked about.
        assert_eq!(counted().await, 100_000);
    }
}
