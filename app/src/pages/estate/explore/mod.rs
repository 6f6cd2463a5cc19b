//! The estate explorer: the estate as a tree, every type as a table, every object with all that it says of itself.

mod index;
mod object;
mod objects;
mod overview;
mod search;
mod tree;
mod words;

pub use object::ObjectPage;
pub use objects::ObjectsPage;
pub use overview::Explorer;
pub use search::SearchPage;

use crate::context;
use crate::link;
use domain::actor::Actor;
use domain::ids::ManagerId;
use domain::services::{Answer, Backend, EstateView};

/// The estate that the address names, and who asks.
async fn asked_for(manager: &ManagerId) -> Answer<(Actor, Backend, EstateView)> {
    let (actor, backend) = context::caller()?;
    let view = backend.estate.estate(&actor, manager).await?;
    Ok((actor, backend, view))
}

/// The pages above those of one estate.
pub fn above(view: &EstateView) -> Vec<(String, String)> {
    let manager = &view.manager;
    vec![
        ("/estate".into(), "Estate".into()),
        (link::estate(&manager.id), manager.name.clone()),
    ]
}
