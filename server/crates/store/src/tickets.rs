//! Places where only a few runs may be at the same time. A run stands in line with a ticket, gets a slot when it is its
//! turn, and has it until the ticket is given back or the lease of its process is over.

use crate::entity::resource_ticket::{ActiveModel, Column as C, Entity, Model};
use crate::processes::{lease_now, living};
use crate::{Store, StoreError, Tx};
use domain::ids::RunId;
use domain::time::Timestamp;
use sea_orm::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{Insert, NotSet, QueryOrder, Set};
use std::collections::BTreeSet;

/// A ticket, as its holder names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its id, of the holder's making.
    pub id: String,
    /// Key of the resource.
    pub resource: String,
    /// How many have room there.
    pub capacity: u32,
}

/// How it stands with a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// It has a slot.
    Has,
    /// It may take this one.
    MayTake(i64),
    /// Others are before it.
    Waits,
    /// There is no such ticket any more.
    Gone,
}

impl Tx {
    /// Puts a ticket at the end of the line. Others of the run for this resource are of earlier claims, and void.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn put_ticket(&self, ticket: &Ticket, process: &str, run: &RunId) -> Result<(), StoreError> {
        let earlier = Entity::delete_many()
            .filter(C::Resource.eq(&ticket.resource))
            .filter(C::Run.eq(run.as_str()));
        earlier.exec(&self.db).await?;
        let row = ActiveModel {
            seq: NotSet,
            id: Set(ticket.id.clone()),
            resource: Set(ticket.resource.clone()),
            slot: Set(None),
            process: Set(process.to_owned()),
            run: Set(run.to_string()),
        };
        Insert::one(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Gives a ticket its slot, if it is its turn. Tickets of dead processes are void.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the ticket is void itself.
    pub async fn serve_ticket(&self, ticket: &Ticket, clock: Timestamp) -> Result<bool, StoreError> {
        let living = living(self.lease_now(clock));
        let dead = Entity::delete_many()
            .filter(C::Resource.eq(&ticket.resource))
            .filter(Expr::col(C::Process).not_in_subquery(living));
        dead.exec(&self.db).await?;
        match turn(&self.db, ticket, clock).await? {
            Turn::Has => Ok(true),
            Turn::Waits => Ok(false),
            Turn::Gone => Err(StoreError::Fenced),
            Turn::MayTake(slot) => {
                let taken = Entity::update_many().col_expr(C::Slot, Expr::value(slot));
                taken.filter(C::Id.eq(&ticket.id)).exec(&self.db).await?;
                Ok(true)
            }
        }
    }

    /// Gives tickets back, whether they have a slot or wait.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn drop_tickets(&self, ids: &[String]) -> Result<(), StoreError> {
        let dropped = Entity::delete_many().filter(C::Id.is_in(ids));
        dropped.exec(&self.db).await?;
        Ok(())
    }
}

impl Store {
    /// Whether a ticket waits for others: then there is nothing to write yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ticket_waits(&self, ticket: &Ticket, clock: Timestamp) -> Result<bool, StoreError> {
        Ok(turn(&self.db, ticket, clock).await? == Turn::Waits)
    }
}

async fn turn(db: &impl ConnectionTrait, ticket: &Ticket, clock: Timestamp) -> Result<Turn, StoreError> {
    let line = Entity::find()
        .filter(C::Resource.eq(&ticket.resource))
        .filter(Expr::col(C::Process).in_subquery(living(lease_now(db, clock))))
        .order_by_asc(C::Seq);
    Ok(turn_in(&line.all(db).await?, ticket))
}

/// First come, first served: who waits may take a slot when those who have one and those who came before it leave room.
fn turn_in(line: &[Model], ticket: &Ticket) -> Turn {
    let Some(at) = line.iter().position(|other| other.id == ticket.id) else {
        return Turn::Gone;
    };
    let (before, rest) = line.split_at(at);
    if rest.first().is_some_and(|own| own.slot.is_some()) {
        return Turn::Has;
    }
    let had: BTreeSet<i64> = line.iter().filter_map(|other| other.slot).collect();
    let waiting = before.iter().filter(|other| other.slot.is_none()).count();
    let free = (0..i64::from(ticket.capacity)).filter(|slot| !had.contains(slot));
    free.take(waiting + 1).nth(waiting).map_or(Turn::Waits, Turn::MayTake)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(slots: &[Option<i64>]) -> Vec<Model> {
        let ticket = |(seq, slot): (i64, &Option<i64>)| Model {
            seq,
            id: seq.to_string(),
            resource: "transfer".into(),
            slot: *slot,
            process: "p".into(),
            run: seq.to_string(),
        };
        (0..).zip(slots).map(ticket).collect()
    }

    fn turn_of(seq: i64, slots: &[Option<i64>]) -> Turn {
        let ticket = Ticket {
            id: seq.to_string(),
            resource: "transfer".into(),
            capacity: 2,
        };
        turn_in(&line(slots), &ticket)
    }

    #[test]
    fn who_came_first_is_served_first() {
        assert_eq!(turn_of(0, &[None, None, None]), Turn::MayTake(0));
        assert_eq!(
            turn_of(1, &[None, None, None]),
            Turn::MayTake(1),
            "there is room for two"
        );
        assert_eq!(turn_of(2, &[None, None, None]), Turn::Waits);
        assert_eq!(turn_of(1, &[Some(1), None]), Turn::MayTake(0));
        assert_eq!(
            turn_of(2, &[Some(1), None, None]),
            Turn::Waits,
            "another waits before it"
        );
        assert_eq!(turn_of(2, &[Some(1), Some(0), None]), Turn::Waits);
        assert_eq!(turn_of(1, &[Some(1), Some(0), None]), Turn::Has);
        assert_eq!(turn_of(3, &[None]), Turn::Gone);
    }

    #[test]
    fn nobody_is_served_while_more_have_a_slot_than_have_room_now() {
        assert_eq!(turn_of(3, &[Some(0), Some(3), Some(1), None]), Turn::Waits);
    }
}
