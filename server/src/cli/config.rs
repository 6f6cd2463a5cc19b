//! `holdfast config`.

use super::Failure;
use crate::config::{Sources, show};

/// Prints the effective settings.
pub fn run(sources: &Sources) -> Result<(), Failure> {
    let (settings, layers) = sources.read(std::env::vars())?;
    print!("{}", show(&settings, &layers));
    Ok(())
}
