//! Reads the text of `vm.cfg`: statements, and literals by recursive descent with a limit on the depth.

use super::{Value, VmCfgError};
use std::borrow::Cow;

mod salvage;
mod text;

pub(super) use salvage::salvage;

/// Deeper nesting than any real file has; keeps hostile input from exhausting the stack.
const MAX_DEPTH: usize = 32;

/// Whether the word can stand before `=`.
pub(super) fn is_name(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !word.is_empty() && word.bytes().all(plain) && !word.starts_with(|first: char| first.is_ascii_digit())
}

/// The statements of a file.
pub(super) fn parse(text: &str) -> Result<Vec<(String, Value)>, VmCfgError> {
    let text = unix_lines(text);
    let mut parser = Parser::new(&text);
    let mut entries = Vec::new();
    while parser.skip_to_statement() {
        entries.push(parser.statement()?);
    }
    Ok(entries)
}

/// The text with LF as the only line end.
fn unix_lines(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.contains('\r') {
        true => text
            .replace("\r\n", "\n")
            .replace("\n\r", "\n")
            .replace('\r', "\n")
            .into(),
        false => text.into(),
    }
}

/// A position in the text.
struct Parser<'a> {
    rest: &'a str,
    line: usize,
    column: usize,
    /// Strings inside brackets stood side by side, which may be a forgotten comma.
    joined: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            line: 1,
            column: 1,
            joined: false,
        }
    }

    /// Goes to the next statement; `false` at the end of the text.
    fn skip_to_statement(&mut self) -> bool {
        self.skip_blank_lines();
        self.peek().is_some()
    }

    fn statement(&mut self) -> Result<(String, Value), VmCfgError> {
        let key = self.word();
        if !is_name(&key) {
            return Err(self.error("a line must start with a key"));
        }
        self.skip_blanks();
        if !self.eat('=') {
            return Err(self.error("`=` must follow the key"));
        }
        self.skip_blanks();
        let value = self.value(0)?;
        self.skip_blanks();
        self.skip_comment();
        match self.peek() {
            None | Some('\n') => Ok((key, value)),
            Some(_) => Err(self.error("nothing may follow the value on its line")),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, VmCfgError> {
        if depth > MAX_DEPTH {
            return Err(self.error("the value is nested too deeply"));
        }
        if self.at_string().is_some() {
            return self.strings(depth > 0).map(Value::Text);
        }
        match self.peek() {
            Some('[') => self.sequence(depth, ']').map(Value::List),
            Some('(') => self.parentheses(depth),
            Some('{') => self.dict(depth),
            Some(first) if first.is_ascii_digit() || matches!(first, '-' | '+' | '.') => self.number(),
            Some(first) if first.is_ascii_alphabetic() => self.named(),
            _ => Err(self.error("a value is missing")),
        }
    }

    /// `True`, `False` or `None`.
    fn named(&mut self) -> Result<Value, VmCfgError> {
        let (line, column) = (self.line, self.column);
        match self.word().as_str() {
            "True" => Ok(Value::Bool(true)),
            "False" => Ok(Value::Bool(false)),
            "None" => Ok(Value::None),
            word => Err(VmCfgError {
                line,
                column,
                message: format!("`{word}` is not a literal; vm.cfg is read, never evaluated"),
            }),
        }
    }

    fn number(&mut self) -> Result<Value, VmCfgError> {
        let negative = self.peek() == Some('-');
        if matches!(self.peek(), Some('-' | '+')) {
            self.next();
        }
        let mut word = self.word();
        let hexadecimal = word.starts_with("0x") || word.starts_with("0X");
        if self.peek() == Some('.') || word.contains(['e', 'E']) && !hexadecimal {
            return self.float(negative, word);
        }
        word.truncate(word.trim_end_matches(['l', 'L']).len());
        let digits = word.as_str();
        let (digits, radix) = match digits.get(..2) {
            Some("0x" | "0X") => (&digits[2..], 16),
            Some("0o" | "0O") => (&digits[2..], 8),
            Some("0b" | "0B") => (&digits[2..], 2),
            _ if digits.len() > 1 && digits.starts_with('0') => (&digits[1..], 8),
            _ => (digits, 10),
        };
        let signed = if negative {
            format!("-{digits}")
        } else {
            digits.to_owned()
        };
        i64::from_str_radix(&signed, radix)
            .map(Value::Int)
            .map_err(|_| self.error("this is not a whole number of at most 64 bits"))
    }

    /// The rest of a number with a fraction or an exponent.
    fn float(&mut self, negative: bool, mut text: String) -> Result<Value, VmCfgError> {
        if negative {
            text.insert(0, '-');
        }
        if self.eat('.') {
            text.push('.');
            text.push_str(&self.word());
        }
        if text.ends_with(['e', 'E'])
            && let Some(sign) = self.peek().filter(|sign| matches!(sign, '-' | '+'))
        {
            self.next();
            text.push(sign);
            text.push_str(&self.word());
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Float(text)),
            _ => Err(self.error("this is not a number")),
        }
    }

    /// A tuple, or a value in parentheses.
    fn parentheses(&mut self, depth: usize) -> Result<Value, VmCfgError> {
        let mut comma = false;
        let mut list = self.elements(depth, ')', Self::value, &mut comma)?;
        match list.pop() {
            Some(only) if list.is_empty() && !comma => Ok(only),
            last => {
                list.extend(last);
                Ok(Value::Tuple(list))
            }
        }
    }

    fn sequence(&mut self, depth: usize, close: char) -> Result<Vec<Value>, VmCfgError> {
        self.elements(depth, close, Self::value, &mut false)
    }

    fn dict(&mut self, depth: usize) -> Result<Value, VmCfgError> {
        let pair = |parser: &mut Self, depth| {
            let key = parser.value(depth)?;
            parser.skip_blank_lines();
            if !parser.eat(':') {
                return Err(parser.error("`:` must follow the key of a dictionary"));
            }
            parser.skip_blank_lines();
            Ok((key, parser.value(depth)?))
        };
        self.elements(depth, '}', pair, &mut false).map(Value::Dict)
    }

    /// Elements between brackets, separated by commas, over any number of lines. Tells whether a comma was seen.
    fn elements<T>(
        &mut self,
        depth: usize,
        close: char,
        element: impl Fn(&mut Self, usize) -> Result<T, VmCfgError>,
        comma: &mut bool,
    ) -> Result<Vec<T>, VmCfgError> {
        self.next();
        let mut all = Vec::new();
        loop {
            self.skip_blank_lines();
            if self.eat(close) {
                return Ok(all);
            }
            all.push(element(self, depth + 1)?);
            self.skip_blank_lines();
            if self.eat(',') {
                *comma = true;
            } else if self.peek() != Some(close) {
                return Err(self.error(&format!("a comma or `{close}` must follow")));
            }
        }
    }

    /// Letters, digits and underscores; may be empty.
    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(character) = self.peek().filter(|next| next.is_ascii_alphanumeric() || *next == '_') {
            word.push(character);
            self.next();
        }
        word
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\u{c}') => {}
                // The line goes on behind the line end.
                Some('\\') if self.rest.starts_with("\\\n") => drop(self.next()),
                _ => return,
            }
            self.next();
        }
    }

    fn skip_comment(&mut self) {
        if self.peek() == Some('#') {
            while !matches!(self.peek(), None | Some('\n')) {
                self.next();
            }
        }
    }

    /// Skips white space, line ends and comments.
    fn skip_blank_lines(&mut self) {
        loop {
            self.skip_blanks();
            self.skip_comment();
            if self.peek() != Some('\n') {
                return;
            }
            self.next();
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.next();
        }
        found
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.rest = &self.rest[next.len_utf8()..];
        if next == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(next)
    }

    fn error(&self, message: &str) -> VmCfgError {
        VmCfgError {
            line: self.line,
            column: self.column,
            message: message.to_owned(),
        }
    }
}
