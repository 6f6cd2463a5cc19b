//! What to do next, for those who may do it; for the others, who may.

use crate::link;
use domain::actor::{Actor, Permission};
use domain::ids::TeamId;
use domain::plan::{Header, Purpose};
use leptos::prelude::*;

/// Stands where something is left out that needs a permission which the reader does not have. `what` is a verb phrase,
/// for example `start it`.
pub fn somebody_can(permission: Permission, what: &str) -> AnyView {
    let role = permission.first_role().title();
    view! { <p>{format!("A user with the role {role} can {what}.")}</p> }.into_any()
}

/// The way from a plan that has come to nothing to a new one of the same kind.
pub fn plan_again(actor: &Actor, team: Option<&TeamId>, header: &Header) -> AnyView {
    let (permission, begins_at) = match &header.purpose {
        Purpose::Backup { .. } => (Permission::RunBackup, link::subject(&header.subject.at())),
        Purpose::RestoreInPlace { point, .. } => (Permission::RequestRestore, link::point(point)),
    };
    match actor.may(permission, team) {
        true => view! { <p><a class="button" href=begins_at>"Plan again"</a></p> }.into_any(),
        false => somebody_can(permission, "plan it again"),
    }
}
