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

use crate::components::{Alert, ErrorCode, Tone};
use crate::pages::administration::manager::RefreshForm;
use crate::say;
use domain::actor::{Actor, Permission};
use domain::enrolment::ManagerView;
use domain::error::ServiceError;
use domain::ids::ManagerId;
use domain::services::{Answer, Backend, EstateView, Protection, Protections};
use leptos::prelude::*;
use ovm::estate::Vm;

/// Stands in the place of an estate that cannot be read. What stopped its discovery is said, too.
pub fn unread(manager: ManagerView, title: &'static str, error: &ServiceError, way_out: Option<AnyView>) -> AnyView {
    let (sentence, code) = (say::say(error), error.code());
    let problem = manager.problem.map(|problem| view! { <p>{say::say(&problem)}</p> });
    view! {
        <section>
            <h2>{manager.name}</h2>
            <Alert tone=Tone::Attention title=title><p>{sentence}</p>{problem}<ErrorCode code/></Alert>
            {way_out}
        </section>
    }
    .into_any()
}

/// Discovers an estate and comes back to the page, for those who may.
fn refresh(actor: &Actor, manager: &ManagerId, page: String) -> Option<AnyView> {
    let may = actor.may_somewhere(Permission::RunBackup) || actor.may_somewhere(Permission::Administer);
    may.then(|| view! { <RefreshForm manager=manager.clone() page/> }.into_any())
}

/// An estate with how its machines are protected.
pub struct Protected {
    /// The estate.
    pub view: EstateView,
    /// By machine.
    protection: Protections,
}

impl Protected {
    /// The estate of a Manager.
    pub async fn read(actor: &Actor, backend: &Backend, manager: &ManagerId) -> Answer<Self> {
        Ok(Self {
            view: backend.estate.estate(actor, manager).await?,
            protection: backend.estate.protection(actor, manager).await?,
        })
    }

    /// Machines and templates, each with its protection. One that was discovered while they were read is left out.
    pub fn machines(&self) -> impl Iterator<Item = (&Vm, &Protection)> {
        let protected = |vm: &'_ Vm| self.protection.get(&vm.id);
        self.view
            .estate
            .vms
            .iter()
            .filter_map(move |vm| Some((vm, protected(vm)?)))
    }

    /// [`Protected::machines`] by name. Names are not unique, so the id decides between equals.
    pub fn machines_by_name(&self) -> Vec<(&Vm, &Protection)> {
        let mut machines: Vec<_> = self.machines().collect();
        machines.sort_by_cached_key(|(vm, _)| (vm.name.to_lowercase(), &vm.id));
        machines
    }
}
