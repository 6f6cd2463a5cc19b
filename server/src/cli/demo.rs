//! `holdfast demo`.

use super::{Failure, log, run_async};
use crate::demo;
use clap::Args;
use ovm::ovmcli::Version;
use std::net::SocketAddr;
use std::path::PathBuf;

/// `holdfast demo`
#[derive(Args)]
#[command(after_help = "\
Examples:
  holdfast demo                      Keeps everything in a temporary folder, removed after Ctrl-C
  holdfast demo --data demo-data     Keeps database, backups, estate and passwords for next time
  holdfast demo --listen 127.0.0.1:0 --print-json
                                     Uses a free port and prints one line for a program to read")]
pub struct Options {
    /// Keep everything in this folder, and continue from it next time
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address and port to listen on, plain HTTP; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Release of the simulated Manager: 3.2, 3.3 or 3.4; with kept data, the release it was created with
    #[arg(long, value_name = "RELEASE", default_value_t)]
    dialect: Version,
    /// Print address, accounts and the simulated estate as one line of JSON
    #[arg(long)]
    print_json: bool,
    /// Log filter
    #[arg(long, value_name = "FILTER", env = "HOLDFAST_LOG", default_value = "warn")]
    log: String,
}

/// Runs the demo until it is told to stop.
pub fn run(options: Options) -> Result<(), Failure> {
    log(&options.log)?;
    let Options {
        data,
        listen,
        dialect,
        print_json,
        ..
    } = options;
    run_async(async |stop| {
        Ok(demo::run(
            demo::Options {
                data,
                listen,
                dialect: dialect.into(),
                print_json,
            },
            stop,
        )
        .await?)
    })
}
