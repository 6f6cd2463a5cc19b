//! Finds the commands in the text of a script.

use super::finding::{Code, Finding};
use crate::ovmcli::syntax::{PROMPT, split_commands, without_prompt};

/// The commands of a script, not yet read.
#[derive(Debug, Default)]
pub(super) struct Source<'a> {
    pub(super) pieces: Vec<Piece<'a>>,
    /// Lines that end with a backslash, which joins nothing here.
    pub(super) continuations: Vec<Finding>,
    /// Those lines, and the ones that would go on with them.
    pub(super) continued: Vec<&'a str>,
    /// Lines that begin with `#`.
    pub(super) notes: usize,
}

/// The text of one command.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    pub(super) line: usize,
    /// Characters of the line before the text.
    offset: usize,
    pub(super) text: &'a str,
}

impl Piece<'_> {
    /// Moves a finding from its place in the piece to its place in the script.
    pub(super) fn place(&self, finding: Finding) -> Finding {
        Finding {
            line: self.line,
            column: finding.column.max(1) + self.offset,
            ..finding
        }
    }
}

impl<'a> Source<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let mut source = Self::default();
        // The command at the last prompt, while its answer may follow; and whether we are in that answer.
        let (mut prompted, mut answer, mut continued) = (None, false, false);
        for (at, line) in lines(text).enumerate() {
            let at_prompt = line.trim_start().starts_with(PROMPT);
            let command = without_prompt(line).trim();
            let echo = line.strip_prefix("Command:").map(without_end);
            answer = !at_prompt && (answer || prompted.is_some() && echo == prompted);
            prompted = if at_prompt {
                Some(without_end(command))
            } else {
                prompted.filter(|_| command.is_empty())
            };
            if continued || command.ends_with('\\') {
                source.continued.push(command);
            }
            let continues = std::mem::replace(&mut continued, command.ends_with('\\'));
            if answer || continues || command.is_empty() || at_prompt && command == "Connection closed." {
                continue;
            }
            if command.starts_with('#') {
                source.notes += 1;
                continued = false;
            } else if continued {
                source.continuations.push(continuation(at + 1, line));
            } else {
                source.pieces.extend(pieces(at + 1, line));
            }
        }
        source
    }
}

/// A command without the `;` and blanks behind it, which the Manager does not repeat.
fn without_end(command: &str) -> &str {
    command.trim().trim_end_matches([';', ' ', '\t'])
}

/// Lines with any of the line ends that the Manager and people use.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let end = if text.contains('\n') { '\n' } else { '\r' };
    text.split(end).map(|line| line.trim_matches('\r'))
}

/// The commands of a line.
fn pieces(number: usize, line: &str) -> impl Iterator<Item = Piece<'_>> {
    let (mut bytes, mut characters) = (0, 0);
    let located = split_commands(line).into_iter().map(move |text| {
        let start = text.as_ptr() as usize - line.as_ptr() as usize;
        characters += line[bytes..start].chars().count();
        bytes = start;
        Piece {
            line: number,
            offset: characters,
            text,
        }
    });
    located.filter(|piece| !without_prompt(piece.text).trim().is_empty())
}

fn continuation(number: usize, line: &str) -> Finding {
    let column = line.trim_end().chars().count();
    let message = "a backslash at the end joins no lines";
    Finding {
        line: number,
        ..Finding::new(column, Code::Syntax, message, "the whole command on one line")
    }
}

/// What looks like a quote and is none: word processors put them in the place of quotes, and a shell takes the last two.
const NO_QUOTES: [char; 9] = ['“', '”', '„', '«', '‘', '’', '‚', '`', '´'];

/// Quotes that the Manager does not take for quotes, and slashes inside quotes that take away themselves: only before a
/// slash or a quote they mean something.
pub(super) fn doubtful_quotes(line: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut quote = None;
    let mut characters = line.chars().enumerate().peekable();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some(_), '/') => {
                let escaped = characters.next().map(|(_, next)| next);
                if let Some(next) = escaped.filter(|next| !matches!(next, '/' | '"' | '\'')) {
                    let message = format!("inside quotes the Manager drops the slash of `/{next}`");
                    let expected = format!("`//{next}`, or the value without quotes");
                    found.push(Finding::new(at + 1, Code::Quoting, message, expected));
                }
            }
            (Some(open), _) if character == open => quote = None,
            (None, '=') => {
                if let Some((at, sign)) = characters.next_if(|(_, next)| NO_QUOTES.contains(next)) {
                    let message = format!("`{sign}` is no quote");
                    found.push(Finding::new(at + 1, Code::Quoting, message, "\" or '"));
                }
                quote = characters
                    .next_if(|(_, next)| matches!(next, '"' | '\''))
                    .map(|(_, next)| next)
            }
            _ => {}
        }
    }
    found
}
