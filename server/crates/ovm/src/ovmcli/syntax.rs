//! Cuts command lines into words and `key=value` pairs, with the quoting of the Manager's command line.
//!
//! A value starts bare, or in single or double quotes. Inside quotes, and only there, `/` takes the next character as
//! it stands; a bare value keeps its slashes.

use super::command::Attribute;
use std::{iter::Peekable, str::CharIndices};
use thiserror::Error;

/// What the Manager prints before a command; allowed at the start of a line, so that transcripts can be read.
pub(super) const PROMPT: &str = "OVM>";

/// Why a line is not a command.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the command line cannot be read at column {column}: {message}")]
pub struct SyntaxError {
    /// Column in characters, from 1.
    pub column: usize,
    /// What kind of mistake it is.
    pub kind: SyntaxErrorKind,
    /// What is wrong there.
    pub message: String,
}

/// Kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// Quotes are missing, not closed, or in a wrong place.
    Quoting,
    /// The pieces do not make a command.
    Structure,
}

/// A piece of a command line with the column where it starts, in characters from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Column of the first character.
    pub column: usize,
    /// What stands there.
    pub kind: TokenKind,
}

/// The two kinds of pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A verb, a type or a preposition.
    Word(String),
    /// `key=value`, with the quotes of the value removed.
    Pair(Attribute),
}

/// Splits one command line into words and pairs. White space around the line and a prompt at its start are left out.
pub fn tokenize(line: &str) -> Result<Vec<Token>, SyntaxError> {
    let body = without_prompt(line).trim();
    let offset = body.as_ptr() as usize - line.as_ptr() as usize;
    let skipped = line[..offset].chars().count();
    let mut scanner = Scanner {
        line: body,
        chars: body.char_indices().peekable(),
        column: skipped + 1,
    };
    let mut tokens = Vec::new();
    while let Some(token) = scanner.token()? {
        tokens.push(token);
    }
    Ok(tokens)
}

/// The line behind the prompts at its start.
pub(super) fn without_prompt(line: &str) -> &str {
    let mut body = line.trim_start();
    while let Some(rest) = body.strip_prefix(PROMPT) {
        body = rest.trim_start();
    }
    body
}

/// Splits the line of an exec request at the `;` that stand outside quotes. Empty parts are left out.
pub fn split_commands(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quote, mut escaped) = (0, None, false);
    for (at, character) in line.char_indices() {
        match (quote, character) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '/') => escaped = true,
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, ';') => {
                parts.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&line[start..]);
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

/// A mistake in how the pieces are put together.
pub(super) fn structure(column: usize, message: &str) -> SyntaxError {
    SyntaxError {
        column,
        kind: SyntaxErrorKind::Structure,
        message: message.to_owned(),
    }
}

/// A mistake in the quotes.
pub(super) fn quoting(column: usize, message: &str) -> SyntaxError {
    SyntaxError {
        kind: SyntaxErrorKind::Quoting,
        ..structure(column, message)
    }
}

/// Walks over one line, counting columns.
struct Scanner<'a> {
    line: &'a str,
    chars: Peekable<CharIndices<'a>>,
    column: usize,
}

impl Scanner<'_> {
    /// The next token, or `None` at the end of the line.
    fn token(&mut self) -> Result<Option<Token>, SyntaxError> {
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.next();
        }
        if self.peek().is_none() {
            return Ok(None);
        }
        let column = self.column;
        let word = self.bare(|character| character == '=')?.to_owned();
        let kind = if self.peek() == Some('=') {
            self.next();
            if word.is_empty() {
                return Err(structure(column, "a key is missing before `=`"));
            }
            let value = self.value()?;
            TokenKind::Pair(Attribute { key: word, value })
        } else {
            TokenKind::Word(word)
        };
        Ok(Some(Token { column, kind }))
    }

    /// Characters up to white space or to one that `stop` names.
    fn bare(&mut self, stop: impl Fn(char) -> bool) -> Result<&str, SyntaxError> {
        let start = self.position();
        while let Some(character) = self.peek() {
            match character {
                ' ' | '\t' => break,
                '"' | '\'' => return Err(quoting(self.column, "a quote may stand only right after `=`")),
                _ if character.is_control() => return Err(self.control_character()),
                _ if stop(character) => break,
                _ => self.next(),
            };
        }
        let end = self.position();
        Ok(&self.line[start..end])
    }

    fn value(&mut self) -> Result<String, SyntaxError> {
        match self.peek() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote),
            _ => self.bare(|_| false).map(str::to_owned),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, SyntaxError> {
        let opened = self.column;
        let unclosed = || quoting(opened, "the quote is not closed");
        self.next();
        let mut value = String::new();
        loop {
            let mut character = self.peek().ok_or_else(unclosed)?;
            if character == quote {
                self.next();
                break;
            }
            if character == '/' {
                self.next();
                character = self.peek().ok_or_else(unclosed)?;
            }
            if character.is_control() {
                return Err(self.control_character());
            }
            value.push(character);
            self.next();
        }
        match self.peek() {
            None | Some(' ' | '\t') => Ok(value),
            Some(_) => Err(quoting(self.column, "a blank must follow the closing quote")),
        }
    }

    fn control_character(&self) -> SyntaxError {
        structure(
            self.column,
            "control characters and line ends are not allowed in a command",
        )
    }

    fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|(_, character)| *character)
    }

    fn next(&mut self) -> Option<char> {
        self.column += 1;
        self.chars.next().map(|(_, character)| character)
    }

    fn position(&mut self) -> usize {
        self.chars.peek().map_or(self.line.len(), |(at, _)| *at)
    }
}
