//! What a check finds.

use serde::Serialize;

/// Something in a script that the Manager would refuse or misunderstand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What kind of mistake.
    pub code: Code,
    /// What was found.
    pub message: String,
    /// What should stand there.
    pub expected: String,
}

/// Kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The line is not put together like a command.
    Syntax,
    /// Quotes are missing, not closed, in a wrong place, or change the value.
    Quoting,
    /// There is no such command.
    UnknownCommand,
    /// There is no such object type, or not in this place.
    UnknownType,
    /// The command has no such attribute.
    UnknownAttribute,
    /// The attribute cannot have this value.
    BadValue,
    /// The number is too small or too large, or the text too long.
    OutOfRange,
    /// Something mandatory is not there.
    Missing,
    /// Attributes that exclude each other.
    Conflict,
    /// Other releases know it, this one does not.
    Version,
    /// The object that is meant does not exist at this point.
    Reference,
}

impl Finding {
    /// A finding on the first line; [`super::source::Piece::place`] moves it to where it belongs.
    pub(super) fn new(column: usize, code: Code, message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            line: 1,
            column,
            code,
            message: message.into(),
            expected: expected.into(),
        }
    }
}
