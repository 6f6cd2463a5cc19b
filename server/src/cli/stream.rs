//! Files and standard input in, text and JSON out, for the commands that work on text.

use serde::Serialize;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::process::ExitCode;

/// What a wrong use of the command line, and a file that cannot be read, end with.
const UNUSABLE: u8 = 2;

/// The bytes of a file, or of standard input when it is `-`. The error names the file.
pub(super) fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = match file.to_str() {
        Some("-") => io::stdin().lock().read_to_end(&mut bytes).map(drop),
        _ => std::fs::read(file).map(|content| bytes = content),
    };
    match read {
        Ok(()) => Ok(bytes),
        Err(error) => {
            let message = format!("cannot read {}: {error}", file.display());
            Err(io::Error::new(error.kind(), message))
        }
    }
}

/// Prints text. A reader that has seen enough, such as `head`, is no error.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Prints a value as JSON for people and programs.
pub(super) fn print_json(value: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    print(&text)
}

/// Says what is wrong, and the status to end with.
pub(super) fn refuse(error: &io::Error) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(UNUSABLE)
}
