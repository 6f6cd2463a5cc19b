//! The engine against the lab: real SSH, real files, bytes compared.

#![cfg(test)]

mod approval;
mod bad_input;
mod buckets;
mod connections;
mod crash;
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
mod old_release;
mod places;
mod questions;
#[path = "../../../vault/tests/support/s3_server.rs"]
mod s3_server;
mod servers;
mod settle;
mod targets;
mod together;
mod unusual;
mod void;
mod waiting;
