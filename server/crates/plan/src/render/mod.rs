//! Plans as texts for people: each step with its exact commands, a whole plan for print, and the Manager's part as a
//! script.

mod action;
mod script;
mod step;
mod text;

pub use action::{action, line};
pub use script::ovmcli_script;
pub use step::{StepText, step};
pub use text::text;

use domain::plan::Place;
use domain::subject::Subject;

/// A place in words.
pub fn place(place: &Place) -> String {
    match place {
        Place::Manager => "Manager".to_owned(),
        Place::Server(server) => format!("Server {server}"),
        Place::Holdfast => "Holdfast".to_owned(),
        Place::Person => "A person".to_owned(),
    }
}

/// The id of what a plan is about; the Manager itself has none.
fn id(subject: &Subject) -> &str {
    subject.object.id().unwrap_or(subject.manager.as_str())
}
