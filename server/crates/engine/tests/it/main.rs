//! The engine against the lab: real SSH, real files, bytes compared.

#![cfg(test)]

mod approval;
mod bad_input;
mod connections;
mod crash;
mod database;
mod dialects;
mod faults;
mod full;
mod jobs;
mod late;
mod main_job;
mod meddling;
mod moments;
mod mounts;
mod names;
#[path = "../../../../src/rehearsal.rs"]
mod rehearsal;
mod servers;
mod settle;
mod together;
mod void;
mod waiting;
mod world;
