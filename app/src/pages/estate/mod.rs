//! The estate as the Managers describe it.

pub mod explore;
pub mod list;
mod machine_table;
mod pools;
pub mod revisions;
pub mod script;
pub mod vm;
mod vm_actions;
mod vm_facts;

pub use machine_table::of_policy;

use crate::components::{Alert, Tone};
use domain::enrolment::ManagerView;
use domain::services::Protection;
use leptos::prelude::*;
use ovm::estate::Vm;

/// Stands in the place of an estate that cannot be read.
pub fn unread(manager: ManagerView, title: &'static str, error: String) -> AnyView {
    view! {
        <section>
            <h2>{manager.name}</h2>
            <Alert tone=Tone::Attention title=title>{error}</Alert>
        </section>
    }
    .into_any()
}

/// Machines and templates, each with its protection, by name. Names are not unique, so the id decides between equals.
pub fn machines_by_name(vms: Vec<Vm>, protection: Vec<Protection>) -> Vec<(Vm, Protection)> {
    let mut machines: Vec<_> = vms.into_iter().zip(protection).collect();
    machines.sort_by_cached_key(|(vm, _)| (vm.name.to_lowercase(), vm.id.clone()));
    machines
}
