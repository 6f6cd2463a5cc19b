//! Procedures: what a person does by hand, with the estate's own values, when a machine, the Manager or everything is
//! lost and Holdfast is not there. The disaster recovery handbook prints them.

mod everything_lost;
mod lines;
mod manager_lost;
mod vm_lost;

use domain::enrolment::{ManagerView, ServerAccess};
use domain::target::Locations;
use ovm::estate::Estate;

pub use everything_lost::everything_lost;
pub use lines::read_with_restic;
pub use manager_lost::manager_lost;
pub use vm_lost::vm_lost;

/// Name, in the package, of the program that sends a script to a Manager line by line.
pub const SEND: &str = "send.sh";

/// What procedures are made from.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The estate as discovered.
    pub estate: &'a Estate,
    /// Its Manager.
    pub manager: &'a ManagerView,
    /// How its servers are reached.
    pub servers: &'a [ServerAccess],
    /// Where the backup targets lie.
    pub targets: &'a Locations,
}
