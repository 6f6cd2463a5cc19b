//! Oracle VM 3 as pure data: identifiers, `vm.cfg`, the OVMCLI language in both directions, the estate
//! model, and the rebuild script of a virtual machine. No I/O, no clock, no async; compiles to WebAssembly.

pub mod estate;
pub mod ids;
pub mod ovmcli;
pub mod script;
pub mod shell;
pub mod vmcfg;
