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
    let older = |cursor: Cursor| {
        let as_old = Condition::all().add(at.eq(cursor.at.0)).add(id.lt(cursor.id));
        Condition::any().add(at.lt(cursor.at.0)).add(as_old)
    };
    let rows = match before {
        Some(cursor) => rows.filter(older(cursor)),
        None => rows,
    };
    rows.order_by_desc(at).order_by_desc(id)
}
