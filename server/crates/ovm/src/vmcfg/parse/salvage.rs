//! Reads as much as possible of a damaged file: after a statement that cannot be read it goes on with the next line
//! that looks like the start of another. No line is lost: what is left out stands in the warnings.

use super::{Parser, Value, VmCfgError, is_name, unix_lines};

/// What can be read of a damaged file.
#[derive(Default)]
pub(in crate::vmcfg) struct Salvage {
    /// Keys and values.
    pub(in crate::vmcfg) entries: Vec<(String, Value)>,
    /// The line of each entry.
    pub(in crate::vmcfg) lines: Vec<usize>,
    /// What could not be read, by line; the sentences hold the text of the lines.
    pub(in crate::vmcfg) warnings: Vec<(usize, String)>,
}

/// Reads what can be read.
pub(in crate::vmcfg) fn salvage(text: &str) -> Salvage {
    let text = unix_lines(text);
    let mut parser = Parser::new(&text);
    let mut found = Salvage::default();
    while parser.skip_to_statement() {
        let (line, start) = (parser.line, parser.rest);
        match parser.statement() {
            Ok(entry) => {
                if std::mem::take(&mut parser.joined) {
                    let sentence = "strings without a comma between them are read as one.";
                    found.warnings.push((line, format!("`{}`: {sentence}", entry.0)));
                }
                found.entries.push(entry);
                found.lines.push(line);
            }
            Err(error) => parser = found.skip(start, line, &error),
        }
    }
    found
}

impl Salvage {
    /// Notes the lines of a statement that cannot be read; gives back the place where to go on.
    fn skip<'a>(&mut self, text: &'a str, line: usize, error: &VmCfgError) -> Parser<'a> {
        let (first, mut rest) = cut(text);
        let message = &error.message;
        let place = match error.line {
            at if at == line => format!("column {}", error.column),
            at => format!("line {at}, column {}", error.column),
        };
        let sentence = format!("it cannot be read, because at {place} {message}: `{}`", first.trim());
        self.warnings.push((line, sentence));
        let mut at = line + 1;
        while !rest.is_empty() {
            let (next, behind) = cut(rest);
            if is_start(next) {
                break;
            }
            if !next.trim().is_empty() {
                let sentence = format!("it is left out together with line {line}: `{}`", next.trim());
                self.warnings.push((at, sentence));
            }
            (rest, at) = (behind, at + 1);
        }
        Parser {
            line: at,
            ..Parser::new(rest)
        }
    }
}

/// The first line, and what is behind it.
fn cut(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

/// Whether a line looks like the start of a statement, or is a comment.
fn is_start(line: &str) -> bool {
    let line = line.trim_start();
    let key = line.split_once('=').map(|(key, _)| key.trim_end());
    line.starts_with('#') || key.is_some_and(is_name)
}
