//! Reads command lines: words and `key=value` pairs with the quoting of the Manager's command line, and from them
//! [`Command`] values.
//!
//! A value starts bare, or in single or double quotes. Inside quotes, and only there, `/` takes the next character as
//! it stands; a bare value keeps its slashes. The spelling of verbs, types and keys is kept; comparing them is
//! case-insensitive, see [`Command::is`], [`Command::acts_on`] and [`Command::attribute`].

use super::command::{Attribute, Command, Selector, Target};
use std::{iter::Peekable, str::CharIndices};
use thiserror::Error;

#[cfg(test)]
mod tests;

/// What the Manager prints before a command; allowed at the start of a line, so that transcripts can be read.
pub(super) const PROMPT: &str = "OVM>";

/// Why a line is not a command.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the command line cannot be read at column {column}: {message}")]
pub struct SyntaxError {
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
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
    let body = line.trim_start();
    let body = body.strip_prefix(PROMPT).unwrap_or(body).trim();
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

impl Command {
    /// Reads one command line. In `create` every pair is an attribute; with the other verbs the first pair after the
    /// type selects the object when its key is `id` or `name`.
    pub fn parse(line: &str) -> Result<Self, SyntaxError> {
        let mut tokens = tokenize(line)?.into_iter().peekable();
        let mut command = match tokens.next() {
            Some(Token {
                kind: TokenKind::Word(verb),
                ..
            }) => Self::new(&verb),
            Some(token) => return Err(error(token.column, "a command starts with a verb, not with key=value")),
            None => return Err(error(1, "the line is empty")),
        };
        if let Some(Token {
            kind: TokenKind::Word(_),
            ..
        }) = tokens.peek()
        {
            command.object_type = tokens.next().and_then(Token::into_word);
        }
        let mut may_select = command.may_select();
        while let Some(token) = tokens.next() {
            match token.kind {
                TokenKind::Pair(pair) if may_select => {
                    may_select = false;
                    match selector(pair) {
                        Ok(selector) => command.selector = Some(selector),
                        Err(attribute) => command.attributes.push(attribute),
                    }
                }
                TokenKind::Pair(attribute) => command.attributes.push(attribute),
                TokenKind::Word(word) if is_preposition(&word) => {
                    command.target = Some(target(word, token.column, &mut tokens)?);
                }
                TokenKind::Word(word) => {
                    return Err(error(
                        token.column,
                        &format!("`{word}` is neither key=value nor on, to or from"),
                    ));
                }
            }
        }
        Ok(command)
    }

    /// Whether `id=` or `name=` right after the type addresses an object.
    pub(super) fn may_select(&self) -> bool {
        self.object_type.is_some() && !self.is("create")
    }
}

impl Token {
    fn into_word(self) -> Option<String> {
        match self.kind {
            TokenKind::Word(word) => Some(word),
            TokenKind::Pair(_) => None,
        }
    }
}

/// Whether the word joins a command to a second object.
pub(super) fn is_preposition(word: &str) -> bool {
    ["on", "to", "from"]
        .iter()
        .any(|preposition| word.eq_ignore_ascii_case(preposition))
}

/// The pair as a selector; given back when its key is neither `id` nor `name`.
fn selector(pair: Attribute) -> Result<Selector, Attribute> {
    match pair.key.to_ascii_lowercase().as_str() {
        "id" => Ok(Selector::Id(pair.value)),
        "name" => Ok(Selector::Name(pair.value)),
        _ => Err(pair),
    }
}

/// Reads `Type id=...` behind a preposition; nothing may follow.
fn target(preposition: String, column: usize, tokens: &mut impl Iterator<Item = Token>) -> Result<Target, SyntaxError> {
    let object_type = tokens
        .next()
        .and_then(Token::into_word)
        .ok_or_else(|| error(column, &format!("`{preposition}` must be followed by an object type")))?;
    let chosen = match tokens.next().map(|token| token.kind) {
        Some(TokenKind::Pair(pair)) => selector(pair).ok(),
        _ => None,
    };
    let selector = chosen.ok_or_else(|| {
        error(
            column,
            &format!("`{preposition} {object_type}` must be followed by id=... or name=..."),
        )
    })?;
    match tokens.next() {
        Some(token) => Err(error(
            token.column,
            "nothing may follow the object behind on, to or from",
        )),
        None => Ok(Target {
            preposition,
            object_type,
            selector,
        }),
    }
}

fn error(column: usize, message: &str) -> SyntaxError {
    SyntaxError {
        column,
        message: message.to_owned(),
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
                return Err(error(column, "a key is missing before `=`"));
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
                '"' | '\'' => return Err(error(self.column, "a quote may stand only right after `=`")),
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
        let unclosed = || error(opened, "the quote is not closed");
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
            Some(_) => Err(error(self.column, "a blank must follow the closing quote")),
        }
    }

    fn control_character(&self) -> SyntaxError {
        error(
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
