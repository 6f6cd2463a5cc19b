//! The program `holdfast`: the composition root. It reads the settings, puts data base, engine, pages and HTTP together
//! and starts them; what they do is decided in the crates below.
//!
//! Where things are: `cli` is what a person types; `config` the settings; `startup` puts the parts together; `http` is
//! the program over HTTP; `demo` furnishes a simulated estate to look around in.

mod cli;
mod config;
mod demo;
mod handbook;
mod http;
mod rehearsal;
mod startup;
#[cfg(test)]
#[path = "../crates/engine/tests/it/world.rs"]
#[expect(dead_code, reason = "the world of the engine's tests, of which these need a part")]
mod world;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
