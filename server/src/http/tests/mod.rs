//! The program over HTTP as a browser meets it, with a made-up program behind it.

mod browser;
mod downloads;
mod events;
mod fake;
mod gone;
mod login;
mod pages;
mod safety;
mod trail;
