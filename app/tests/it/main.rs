//! Pages and forms through the real router, with a program behind them that the tests write themselves.

mod backend;
mod estate;
mod forms;
mod pages;
mod plans;
mod site;
