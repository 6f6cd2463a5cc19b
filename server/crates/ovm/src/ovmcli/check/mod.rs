//! Checks scripts of commands against the [`schema`](super::schema), line by line, and the references between them.
//!
//! Which lines count: prompts and blank lines in front are passed over, `;` separates commands, a line that begins with
//! `#` is a note for people (the command line itself knows no notes), and in a transcript the answer of the Manager,
//! from its `Command:` line to the next prompt, is no command.

mod command;
mod finding;
mod form;
mod near;
mod objects;
mod references;
mod source;
#[cfg(test)]
mod tests;
mod value;

use super::{
    Command, Version,
    parse::Columns,
    schema::Form,
    syntax::{SyntaxError, SyntaxErrorKind, without_prompt},
};
pub use finding::{Code, Finding};
use source::{Piece, Source};

/// How a script is to be checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckOptions {
    /// The release that is to run it. Without one it is 3.4, unless the script uses what only other releases know: then
    /// it is the release under which there are fewest findings, the newest of several.
    pub version: Option<Version>,
    /// The script must stand alone: on a Manager that knows nothing but servers and what they report. Then every
    /// object must be made by an earlier line, and ids, which the new Manager would not know, are findings.
    pub complete: bool,
}

/// What the check of a script found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptReport {
    /// The release it was checked for.
    pub version: Version,
    /// What is wrong, in the order of the script; empty when nothing is.
    pub findings: Vec<Finding>,
    /// Commands in the script.
    pub commands: usize,
    /// Lines that begin with `#`; they must not be sent.
    pub notes: usize,
}

/// Checks a script.
pub fn check_script(text: &str, options: CheckOptions) -> ScriptReport {
    let source = Source::read(text);
    if let Some(version) = options.version {
        return check_source(&source, version, options.complete);
    }
    let newest = check_source(&source, Version::default(), options.complete);
    if newest.findings.iter().all(|finding| finding.code != Code::Version) {
        return newest;
    }
    let older = Version::ALL.into_iter().rev().skip(1);
    let fewest = |best: ScriptReport, other: ScriptReport| {
        if other.findings.len() < best.findings.len() {
            other
        } else {
            best
        }
    };
    older
        .map(|version| check_source(&source, version, options.complete))
        .fold(newest, fewest)
}

/// The form of the schema that a command has in a release; none when the release knows no such command.
pub fn form_of(command: &Command, version: Version) -> Option<&'static Form> {
    form::of(command, &Columns::default(), version).ok()
}

/// What a release would not understand of a single command.
pub fn check_command(command: &Command, version: Version) -> Vec<Finding> {
    let columns = Columns {
        attributes: vec![1; command.attributes.len()],
        ..Columns::default()
    };
    command::check(command, &columns, version)
}

fn check_source(source: &Source<'_>, version: Version, complete: bool) -> ScriptReport {
    let mut findings = Vec::new();
    let (mut read, mut unclear) = (Vec::new(), source.continued.clone());
    for piece in &source.pieces {
        if let Some(asked) = question(piece.text) {
            findings.extend(misasked(asked, version).map(|finding| piece.place(finding)));
            continue;
        }
        match Command::parse_placed(piece.text) {
            Ok((command, columns)) => {
                let found = source::doubtful_quotes(piece.text)
                    .into_iter()
                    .chain(command::check(&command, &columns, version));
                findings.extend(found.map(|finding| piece.place(finding)));
                if is_unclear(&command, version) {
                    unclear.push(piece.text);
                } else {
                    read.push(Placed {
                        piece,
                        command,
                        columns,
                    });
                }
            }
            Err(error) => {
                findings.push(piece.place(unreadable(piece.text, error)));
                unclear.push(piece.text);
            }
        }
    }
    findings.extend(source.continuations.iter().cloned());
    findings.extend(references::check(&read, &unclear, version, complete));
    findings.sort_by_key(|finding| (finding.line, finding.column));
    ScriptReport {
        version,
        findings,
        commands: source.pieces.len(),
        notes: source.notes,
    }
}

/// The words in front of `?`, with which people ask what a command takes.
fn question(text: &str) -> Option<&str> {
    let asked = text.strip_suffix('?')?;
    (!asked.contains(['=', '"', '\''])).then_some(asked)
}

/// What is wrong with such words. A command without its type may be asked about too.
fn misasked(asked: &str, version: Version) -> Option<Finding> {
    if without_prompt(asked).is_empty() {
        return None;
    }
    match Command::parse_placed(asked) {
        Ok((command, _)) if command.object_type.is_none() && form::is_verb(&command.verb) => None,
        Ok((command, columns)) => form::of(&command, &columns, version).err(),
        Err(error) => Some(unreadable(asked, error)),
    }
}

/// Whether a command is so wrong that it cannot be told what it would make.
fn is_unclear(command: &Command, version: Version) -> bool {
    let nameless = command.is("create") && command.attribute("name").is_none();
    nameless || form::any_form(command, version).is_none()
}

/// The finding of a line that is not put together like a command. When not even its first word is one, that matters.
fn unreadable(text: &str, error: SyntaxError) -> Finding {
    let first = without_prompt(text).split_whitespace().next().unwrap_or_default();
    let code = match error.kind {
        SyntaxErrorKind::Quoting => Code::Quoting,
        SyntaxErrorKind::Structure if first.contains('=') || form::is_verb(first) => Code::Syntax,
        SyntaxErrorKind::Structure => {
            let before = text.len() - without_prompt(text).len();
            return form::unknown_verb(first, text[..before].chars().count() + 1);
        }
    };
    let expected = "verb [Type [id=...|name=...]] [key=value ...] [on|to|from Type id=...|name=...]";
    Finding::new(error.column, code, error.message, expected)
}

/// A command that could be read, and where it stands.
struct Placed<'a> {
    piece: &'a Piece<'a>,
    command: Command,
    columns: Columns,
}
