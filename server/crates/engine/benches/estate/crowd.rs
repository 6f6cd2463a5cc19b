//! The simulated Manager, in a process of its own that is this program again.

use anyhow::{Context, Result};
use lab::rehearsal::{populated, quick};
use lab::{ManagerDescription, Switches};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Runs the Manager: says how to reach it in one line, then answers every line with how many commands it has answered,
/// until there are no more.
pub async fn serve(machines: usize) -> Result<()> {
    let manager = populated(machines, quick(Switches::default()), 0).await?;
    println!("{}", serde_json::to_string(manager.description())?);
    tokio::task::block_in_place(|| {
        for line in std::io::stdin().lines() {
            line?;
            println!("{}", manager.answered());
        }
        Ok(())
    })
}

/// The process; it ends when this is dropped.
pub struct Crowd {
    /// How to reach it.
    pub manager: ManagerDescription,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Crowd {
    /// Starts a Manager with so many machines.
    pub fn start(machines: usize) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["crowd", &machines.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().context("the Manager has no output")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        Ok(Self {
            manager: serde_json::from_str(&line).context("the Manager did not start")?,
            child,
            input,
            output,
        })
    }

    /// How many commands the Manager has answered.
    pub fn answered(&mut self) -> Result<u64> {
        self.input.as_mut().context("the Manager has ended")?.write_all(b"\n")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().parse()?)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        // It ends by itself once nobody can talk to it.
        self.input = None;
        let _ = self.child.wait();
    }
}
