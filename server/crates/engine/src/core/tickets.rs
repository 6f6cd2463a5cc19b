//! Places where only a few runs of all processes may be at the same time.

use super::{Core, new_id};
use domain::ids::RunId;
use domain::resource::Resource;
use std::sync::{Arc, Mutex, PoisonError};
use store::StoreError;

/// Runs that may use one server at the same time, or one storage repository.
const ON_ONE_HOST: u32 = 2;
/// Runs that may use one backup target at the same time.
const IN_ONE_TARGET: u32 = 4;

/// A place in the line before a resource, or at the resource. Given back when it is dropped, and lost with the lease of
/// the process.
pub(crate) struct Ticket {
    core: Arc<Core>,
    ticket: store::Ticket,
    held: bool,
}

/// Tickets that were dropped and are not yet given back in the database.
#[derive(Default)]
pub(crate) struct Dropped(Mutex<Vec<String>>);

impl Core {
    /// Stands in line for a resource; where nobody is before it, the run has its place at once.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be asked.
    pub(crate) async fn stand_in_line(
        self: &Arc<Self>,
        resource: &Resource,
        run: &RunId,
    ) -> Result<Ticket, StoreError> {
        // Whatever becomes of this call, a ticket that got into the database is given back.
        let mut ticket = Ticket {
            core: self.clone(),
            ticket: store::Ticket {
                id: new_id(12),
                resource: resource.key(),
                capacity: self.capacity(resource),
            },
            held: false,
        };
        let tx = self.store.begin().await?;
        tx.put_ticket(&ticket.ticket, &self.process, run).await?;
        ticket.held = tx.serve_ticket(&ticket.ticket, self.now()).await?;
        tx.commit().await?;
        Ok(ticket)
    }

    fn capacity(&self, resource: &Resource) -> u32 {
        match resource {
            Resource::Transfer => self.transfers,
            Resource::CloneOn(_) => 1,
            Resource::Server(..) | Resource::Repository(..) => ON_ONE_HOST,
            Resource::Target(_) => IN_ONE_TARGET,
        }
    }

    /// Gives back in the database what was dropped.
    ///
    /// # Errors
    /// [`StoreError`] when that cannot be written; it stays to be given back.
    pub(crate) async fn give_back_tickets(&self) -> Result<(), StoreError> {
        let ids = self.dropped_tickets.all();
        if ids.is_empty() {
            return Ok(());
        }
        let tx = self.store.begin().await?;
        tx.drop_tickets(&ids).await?;
        tx.commit().await?;
        self.dropped_tickets.forget(&ids);
        Ok(())
    }
}

impl Ticket {
    /// Whether the place at the resource is had.
    pub(crate) fn is_held(&self) -> bool {
        self.held
    }

    /// Waits until the place is had.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the ticket was lost with the lease of the process; others when the database cannot be
    /// asked.
    pub(crate) async fn wait(&mut self) -> Result<(), StoreError> {
        while !self.held {
            let core = &self.core;
            if core.store.ticket_waits(&self.ticket, core.now()).await? {
                tokio::time::sleep(core.rhythm.turn).await;
                continue;
            }
            let tx = core.store.begin().await?;
            self.held = tx.serve_ticket(&self.ticket, core.now()).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.core.dropped_tickets.put(self.ticket.id.clone());
        self.core.look.notify_one();
    }
}

impl Dropped {
    fn put(&self, id: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(id);
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn forget(&self, ids: &[String]) {
        let mut dropped = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        dropped.retain(|id| !ids.contains(id));
    }
}
