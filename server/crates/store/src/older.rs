//! Reading on where a part of a list has ended.

use domain::list::Cursor;
use sea_orm::prelude::*;
use sea_orm::{Condition, QueryOrder};

/// Rows from new to old by `at`, then `id`; only those behind the cursor if there is one.
pub(crate) fn from_new_to_old<E: EntityTrait>(
    rows: Select<E>,
    at: E::Column,
    id: E::Column,
    before: Option<Cursor>,
) -> Select<E> {
    // Not `at < x OR (at = x AND id < y)`, which says the same: for that SQLite reads the list from its beginning, or sorts
    // all that is older.
    let older = |cursor: Cursor| {
        let behind = Condition::any().add(at.lt(cursor.at.0)).add(id.lt(cursor.id));
        Condition::all().add(at.lte(cursor.at.0)).add(behind)
    };
    let rows = match before {
        Some(cursor) => rows.filter(older(cursor)),
        None => rows,
    };
    rows.order_by_desc(at).order_by_desc(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;
    use crate::entity::{recovery_point, restore_request, run};
    use crate::points::counted;
    use crate::value::tests::{empty, way};
    use domain::ids::ManagerId;
    use domain::subject::SubjectRef;
    use domain::time::Timestamp;
    use ovm::ids::VmId;
    use sea_orm::{QuerySelect, QueryTrait};

    /// The second part of a list is read from one index, in its order, from where the first has ended.
    async fn goes_on_at_once<E: EntityTrait>(store: &Store, rows: Select<E>, at: E::Column, id: E::Column) {
        let cursor = Cursor {
            at: Timestamp(20),
            id: "p3".into(),
        };
        let way = way(
            store,
            &from_new_to_old(rows, at, id, Some(cursor)).limit(51).into_query(),
        )
        .await;
        assert!(way.len() == 1 && way[0].starts_with("SEARCH"), "{way:#?}");
        assert!(way[0].contains(&format!("{}<?", at.as_str())), "{way:#?}");
    }

    #[tokio::test]
    async fn the_next_part_of_a_list_costs_no_sorting() {
        let (_folder, store) = empty().await;
        let points = recovery_point::Entity::find();
        let of_subject = points
            .clone()
            .filter(recovery_point::Column::Manager.eq("m1"))
            .filter(recovery_point::Column::Subject.eq("vm-v1"));
        for points in [points, of_subject] {
            goes_on_at_once(
                &store,
                points,
                recovery_point::Column::TakenAt,
                recovery_point::Column::Id,
            )
            .await;
        }
        let runs = run::Entity::find();
        let failed = runs.clone().filter(run::Column::State.eq("failed"));
        for runs in [runs, failed] {
            goes_on_at_once(&store, runs, run::Column::QueuedAt, run::Column::Id).await;
        }
        let requests = restore_request::Entity::find();
        let approved = requests.clone().filter(restore_request::Column::State.eq("approved"));
        for requests in [requests, approved] {
            let id = restore_request::Column::Id;
            goes_on_at_once(&store, requests, restore_request::Column::RequestedAt, id).await;
        }
    }

    #[tokio::test]
    async fn points_are_counted_without_a_look_at_their_rows() {
        let (_folder, store) = empty().await;
        let subject = SubjectRef::vm(&ManagerId::new("m1"), &VmId::new("v1"));
        let way = way(&store, &counted(&subject).into_query()).await;
        assert!(way.len() == 1 && way[0].contains("USING COVERING INDEX"), "{way:#?}");
    }
}
