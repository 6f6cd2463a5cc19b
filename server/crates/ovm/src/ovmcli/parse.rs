//! Reads [`Command`] values from command lines. The spelling of verbs, types and keys is kept; comparing them is
//! case-insensitive, see [`Command::is`], [`Command::acts_on`] and [`Command::attribute`].

use super::{
    command::{Attribute, Command, Selector, Target},
    syntax::{SyntaxError, Token, TokenKind, quoting, structure, tokenize},
};

#[cfg(test)]
mod tests;

/// Where the parts of a command stand, in characters from 1. What the command does not have is where it would belong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// First character of the verb.
    pub verb: usize,
    /// Of the object type.
    pub object_type: usize,
    /// Of `id=` or `name=`.
    pub selector: usize,
    /// Of the embedded object.
    pub embedded: usize,
    /// Of the keys, in the order of the attributes.
    pub attributes: Vec<usize>,
    /// Of the preposition.
    pub target: usize,
    /// Of the object type behind it.
    pub target_type: usize,
    /// Of `id=` or `name=` behind it.
    pub target_selector: usize,
}

impl Command {
    /// Reads one command line. In `create` every pair is an attribute; with the other verbs the first pair after the
    /// type selects the object when its key is `id` or `name`.
    pub fn parse(line: &str) -> Result<Self, SyntaxError> {
        Self::parse_placed(line).map(|(command, _)| command)
    }

    /// The same, with the places of the parts.
    pub fn parse_placed(line: &str) -> Result<(Self, Columns), SyntaxError> {
        let end = line.trim_end().chars().count() + 1;
        let mut tokens = tokenize(line)?.into_iter().peekable();
        let (verb, verb_column) = match tokens.next() {
            Some(Token {
                kind: TokenKind::Word(verb),
                column,
            }) => (verb, column),
            Some(token) => {
                return Err(structure(
                    token.column,
                    "a command starts with a verb, not with key=value",
                ));
            }
            None => return Err(structure(1, "the line is empty")),
        };
        let mut reader = Reader::new(Self::new(&verb), verb_column, end);
        reader.columns.object_type = tokens.peek().map_or(end, |token| token.column);
        reader.command.object_type = tokens.next_if(Token::is_word).and_then(Token::into_word);
        reader.may_select = reader.command.may_select();
        while let Some(token) = tokens.next() {
            match token.kind {
                TokenKind::Pair(pair) => reader.pair(pair, token.column),
                TokenKind::Word(word) if is_preposition(&word) => reader.target(word, token.column, &mut tokens)?,
                TokenKind::Word(word) => reader.word(word, token.column)?,
            }
        }
        Ok((reader.command, reader.columns))
    }

    /// Whether `id=` or `name=` right after the type addresses an object.
    pub(super) fn may_select(&self) -> bool {
        self.object_type.is_some() && !self.is("create")
    }
}

/// Whether the word joins a command to a second object.
pub(super) fn is_preposition(word: &str) -> bool {
    ["on", "to", "from"]
        .iter()
        .any(|preposition| word.eq_ignore_ascii_case(preposition))
}

/// A command as far as it has been read.
struct Reader {
    command: Command,
    columns: Columns,
    may_select: bool,
    /// The token before was a pair, so that a stray word may be the rest of its value.
    after_pair: bool,
}

impl Reader {
    fn new(command: Command, verb: usize, end: usize) -> Self {
        let columns = Columns {
            verb,
            object_type: end,
            selector: end,
            embedded: end,
            attributes: Vec::new(),
            target: end,
            target_type: end,
            target_selector: end,
        };
        Self {
            command,
            columns,
            may_select: false,
            after_pair: false,
        }
    }

    fn pair(&mut self, pair: Attribute, column: usize) {
        self.after_pair = true;
        let selected = if self.may_select { selector(pair) } else { Err(pair) };
        self.may_select = false;
        match selected {
            Ok(selector) => {
                self.command.selector = Some(selector);
                self.columns.selector = column;
            }
            Err(attribute) => {
                self.command.attributes.push(attribute);
                self.columns.attributes.push(column);
            }
        }
    }

    /// A word that is neither verb, type nor preposition: the embedded object, or a mistake.
    fn word(&mut self, word: String, column: usize) -> Result<(), SyntaxError> {
        if self.command.is_embedding() && self.command.embedded.is_none() {
            self.command.embedded = Some(word);
            self.columns.embedded = column;
            (self.may_select, self.after_pair) = (false, false);
            return Ok(());
        }
        let message = format!("`{word}` is neither key=value nor on, to or from");
        Err(match self.after_pair {
            true => quoting(column, &format!("{message}; a value with blanks stands in quotes")),
            false => structure(column, &message),
        })
    }

    /// Reads `Type id=...` behind a preposition; nothing may follow.
    fn target(
        &mut self,
        preposition: String,
        column: usize,
        tokens: &mut impl Iterator<Item = Token>,
    ) -> Result<(), SyntaxError> {
        self.columns.target = column;
        let token = tokens.next();
        self.columns.target_type = token.as_ref().map_or(column, |token| token.column);
        let object_type = token.and_then(Token::into_word).ok_or_else(|| {
            let message = format!("`{preposition}` must be followed by an object type");
            structure(self.columns.target_type, &message)
        })?;
        let token = tokens.next();
        self.columns.target_selector = token.as_ref().map_or(column, |token| token.column);
        let pair = token.and_then(Token::into_pair);
        let selector = pair.and_then(|pair| selector(pair).ok()).ok_or_else(|| {
            let message = format!("`{preposition} {object_type}` must be followed by id=... or name=...");
            structure(self.columns.target_selector, &message)
        })?;
        if let Some(token) = tokens.next() {
            let message = "nothing may follow the object behind on, to or from";
            return Err(match token.is_word() {
                true => quoting(
                    token.column,
                    &format!("{message}; a value with blanks stands in quotes"),
                ),
                false => structure(token.column, message),
            });
        }
        self.command.target = Some(Target {
            preposition,
            object_type,
            selector,
        });
        Ok(())
    }
}

impl Token {
    fn is_word(&self) -> bool {
        matches!(self.kind, TokenKind::Word(_))
    }

    fn into_word(self) -> Option<String> {
        match self.kind {
            TokenKind::Word(word) => Some(word),
            TokenKind::Pair(_) => None,
        }
    }

    fn into_pair(self) -> Option<Attribute> {
        match self.kind {
            TokenKind::Pair(pair) => Some(pair),
            TokenKind::Word(_) => None,
        }
    }
}

/// The pair as a selector; given back when its key is neither `id` nor `name`.
fn selector(pair: Attribute) -> Result<Selector, Attribute> {
    match pair.key.to_ascii_lowercase().as_str() {
        "id" => Ok(Selector::Id(pair.value)),
        "name" => Ok(Selector::Name(pair.value)),
        _ => Err(pair),
    }
}
