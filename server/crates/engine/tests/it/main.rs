//! The engine against the lab: real SSH, real files, bytes compared.

#![cfg(test)]

mod bad_input;
mod crash;
mod dialects;
mod faults;
mod full;
mod main_job;
mod moments;
mod settle;
mod world;
