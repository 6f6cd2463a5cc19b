//! Settings of a session: they live as long as one exec request or one shell.

use super::reply::CliError;
use crate::switches::{LineEnd, Switches};
use ovm::ovmcli::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// What `set` changes.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub user: String,
    pub line_end: LineEnd,
    pub asynchronous: bool,
    pub alphabetize: bool,
    /// The newest job of the session; 0 when it has made none.
    pub job: Arc<AtomicU64>,
}

impl Session {
    pub fn new(user: &str, switches: &Switches) -> Self {
        Self {
            user: user.to_owned(),
            line_end: switches.line_end,
            asynchronous: false,
            alphabetize: switches.alphabetize,
            job: Arc::default(),
        }
    }

    /// Carries out `set Key=Value`.
    pub fn set(&mut self, command: &Command) -> Result<(), CliError> {
        let [setting] = command.attributes.as_slice() else {
            return Err(CliError::syntax("set takes exactly one setting"));
        };
        let value = setting.value.to_ascii_lowercase();
        match (setting.key.to_ascii_lowercase().as_str(), value.as_str()) {
            ("endlinechars", "crlf") => self.line_end = LineEnd::CrLf,
            ("endlinechars", "cr") => self.line_end = LineEnd::Cr,
            ("endlinechars", "lf") => self.line_end = LineEnd::Lf,
            ("commandmode", "synchronous") => self.asynchronous = false,
            ("commandmode", "asynchronous") => self.asynchronous = true,
            ("alphabetizeattributes", "yes") => self.alphabetize = true,
            ("alphabetizeattributes", "no") => self.alphabetize = false,
            ("outputmode", "verbose") => {}
            ("outputmode", "xml" | "sparse") => return Err(CliError::not_simulated("this output mode")),
            ("commandtimeout", seconds)
                if seconds
                    .parse()
                    .is_ok_and(|seconds: u32| (1..=43_200).contains(&seconds)) => {}
            _ => {
                return Err(CliError::syntax(&format!(
                    "{}={} is not a setting",
                    setting.key, setting.value
                )));
            }
        }
        Ok(())
    }
}
