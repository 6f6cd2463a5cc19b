//! The estate as the Managers describe it.

pub mod explore;
pub mod list;
mod pools;
pub mod revisions;
pub mod script;
pub mod vm;
mod vm_actions;
mod vm_facts;

use domain::services::Protection;
use ovm::estate::Vm;

/// Machines and templates, each with its protection, by name. Names are not unique, so the id decides between equals.
pub fn machines_by_name(vms: Vec<Vm>, protection: Vec<Protection>) -> Vec<(Vm, Protection)> {
    let mut machines: Vec<_> = vms.into_iter().zip(protection).collect();
    machines.sort_by_cached_key(|(vm, _)| (vm.name.to_lowercase(), vm.id.clone()));
    machines
}
