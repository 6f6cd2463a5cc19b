//! The program `holdfast`: the composition root. It reads the settings, puts database, engine, pages and HTTP together
//! and starts them; what they do is decided in the crates below.
//!
//! Where things are: `cli` is what a person types; `config` the settings; `startup` puts the parts together; `http` is
//! the program over HTTP; `demo` furnishes a simulated estate to look around in.

mod cli;
mod config;
mod demo;
mod handbook;
mod http;
mod startup;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
