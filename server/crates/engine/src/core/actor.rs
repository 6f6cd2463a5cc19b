//! Accounts as those who act.

use domain::actor::Actor;
use store::UserRow;

/// Whoever has logged in with the account, or may do so.
pub(crate) fn actor_of(row: UserRow) -> Actor {
    Actor {
        id: row.id,
        name: row.name,
        grants: row.grants,
    }
}
