//! The service contracts of `domain`, implemented. Every method authorises its actor before it touches data; every
//! change is written together with its audit row.

mod access;
mod accounts;
mod audit;
mod catalogue;
mod changes;
mod documents;
mod estate;
mod handbook;
mod health;
mod known_requests;
mod known_runs;
mod planning;
mod policies;
mod questions;
mod restores;
mod runs;
mod targets;

pub use accounts::{create_administrator, set_password};
pub use targets::{add_target, check_target};

use crate::core::Core;
use domain::services::Backend;
use std::sync::Arc;

/// All services over one core.
pub(crate) fn backend(core: Arc<Core>) -> Backend {
    Backend {
        estate: Arc::new(estate::Estates(core.clone())),
        documents: Arc::new(documents::Documents(core.clone())),
        policies: Arc::new(policies::Policies(core.clone())),
        catalogue: Arc::new(catalogue::Catalogue(core.clone())),
        targets: Arc::new(targets::BackupTargets(core.clone())),
        runs: Arc::new(runs::Runs(core.clone())),
        restores: Arc::new(restores::Restores(core.clone())),
        handbooks: Arc::new(handbook::Handbooks(core.clone())),
        audit: Arc::new(audit::Audit::new(core.clone())),
        accounts: Arc::new(accounts::Accounts::new(core.clone())),
        health: Arc::new(health::Health::new(core)),
    }
}
