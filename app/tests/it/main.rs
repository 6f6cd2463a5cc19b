//! Pages and forms through the real router, with a program behind them that the tests write themselves.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of the tests may fail loudly, as the tests themselves"
)]

mod backend;
mod changes;
mod estate;
mod explorer;
mod forms;
mod listings;
mod pages;
mod plans;
mod requests;
mod runs;
mod site;
mod targets;
