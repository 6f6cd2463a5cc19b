//! The engine against the lab: real SSH, real files, bytes compared.

#![cfg(test)]

mod approval;
mod bad_input;
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
mod servers;
mod settle;
mod targets;
mod together;
mod unusual;
mod void;
mod waiting;
