//! The readers of this crate on whole samples: as they are, and damaged in many ways.

#![cfg(test)]

mod damaged;
mod golden;
mod samples;
