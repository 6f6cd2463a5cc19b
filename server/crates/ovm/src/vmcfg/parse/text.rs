//! Python strings. A plain one is bytes to Python 2, so `\xc3\xa9` in it is one UTF-8 character; in a `u` string
//! `\xe9` is the character itself. Strings side by side are one.

use super::{Parser, VmCfgError};

/// What stands before the opening quote.
#[derive(Clone, Copy, Default)]
pub(super) struct Prefix {
    unicode: bool,
    raw: bool,
}

impl Prefix {
    /// Nothing, `u`, `b`, `r` and their pairs, in any case.
    fn parse(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        matches!(word.as_str(), "" | "u" | "b" | "r" | "ur" | "br").then(|| Self {
            unicode: word.starts_with('u'),
            raw: word.ends_with('r'),
        })
    }
}

/// The bytes of a string under construction, as UTF-8 as far as the text allows.
#[derive(Default)]
struct Bytes {
    bytes: Vec<u8>,
    /// First half of a character that `u'...'` writes as two escapes.
    high_surrogate: Option<u32>,
}

impl Bytes {
    fn push(&mut self, code: u32) {
        let high = self.high_surrogate.take();
        let code = match (high, code) {
            (Some(high), 0xdc00..=0xdfff) => 0x1_0000 + ((high - 0xd800) << 10) + (code - 0xdc00),
            _ => code,
        };
        if matches!(code, 0xd800..=0xdbff) {
            self.high_surrogate = Some(code);
            return;
        }
        let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.bytes
            .extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

impl Parser<'_> {
    /// Where a string begins here: what stands before its quote, and how many characters that is.
    pub(super) fn at_string(&self) -> Option<(Prefix, usize)> {
        let bytes = self.rest.as_bytes();
        let length = bytes
            .iter()
            .take(3)
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let quoted = matches!(bytes.get(length), Some(b'\'' | b'"'));
        quoted
            .then(|| Prefix::parse(&self.rest[..length]))?
            .map(|prefix| (prefix, length))
    }

    /// A string, with those side by side with it; inside brackets also on the next lines.
    pub(super) fn strings(&mut self, inside: bool) -> Result<String, VmCfgError> {
        let mut strings = Vec::new();
        while let Some((prefix, length)) = self.at_string() {
            for _ in 0..length {
                self.next();
            }
            strings.push(self.text(prefix)?);
            match inside {
                true => self.skip_blank_lines(),
                false => self.skip_blanks(),
            }
        }
        self.joined |= inside && strings.len() > 1;
        Ok(strings.concat())
    }

    /// A string from its opening quote on. Between triple quotes it may have several lines.
    fn text(&mut self, prefix: Prefix) -> Result<String, VmCfgError> {
        let triple = ["'''", "\"\"\""]
            .into_iter()
            .find(|quotes| self.rest.starts_with(quotes));
        let unclosed = self.error(match triple {
            Some(_) => "the string is not closed",
            None => "the string is not closed on its line",
        });
        let quotes = triple.unwrap_or(&self.rest[..1]);
        self.skip(quotes);
        let mut text = Bytes::default();
        while !self.rest.starts_with(quotes) {
            match self.peek() {
                None => return Err(unclosed),
                Some('\n') if triple.is_none() => return Err(unclosed),
                Some('\\') if !prefix.raw => self.escape(prefix, &mut text)?,
                Some('\\') => {
                    // In a raw string the backslash stays, and so does the quote after it.
                    self.next();
                    text.push('\\' as u32);
                    if let Some(character) = self.peek().filter(|next| quotes.starts_with(*next) || *next == '\\') {
                        self.next();
                        text.push(character as u32);
                    }
                }
                Some(character) => {
                    self.next();
                    text.push(character as u32);
                }
            }
        }
        self.skip(quotes);
        Ok(String::from_utf8_lossy(&text.bytes).into_owned())
    }

    /// Goes behind quotes.
    fn skip(&mut self, quotes: &str) {
        for _ in quotes.chars() {
            self.next();
        }
    }

    fn escape(&mut self, prefix: Prefix, text: &mut Bytes) -> Result<(), VmCfgError> {
        self.next();
        let Some(kind) = self.peek() else { return Ok(()) };
        if let '0'..='7' = kind {
            let code = self.digits(8, 3)?;
            push_code(prefix, code, text);
            return Ok(());
        }
        self.next();
        match kind {
            '\n' => {}
            'a' => text.push(7),
            'b' => text.push(8),
            'f' => text.push(12),
            'n' => text.push(10),
            'r' => text.push(13),
            't' => text.push(9),
            'v' => text.push(11),
            '\\' | '\'' | '"' => text.push(kind as u32),
            'x' => {
                let code = self.digits(16, 2)?;
                push_code(prefix, code, text);
            }
            'u' if prefix.unicode => text.push(self.digits(16, 4)?),
            'U' if prefix.unicode => text.push(self.digits(16, 8)?),
            _ => {
                text.push('\\' as u32);
                text.push(kind as u32);
            }
        }
        Ok(())
    }

    /// A number of at most `most` digits; at least one must be there.
    fn digits(&mut self, radix: u32, most: usize) -> Result<u32, VmCfgError> {
        let mut code = None;
        for _ in 0..most {
            let Some(digit) = self.peek().and_then(|next| next.to_digit(radix)) else {
                break;
            };
            self.next();
            code = Some(code.unwrap_or(0_u32).wrapping_mul(radix).wrapping_add(digit));
        }
        code.ok_or_else(|| self.error("digits must follow this escape"))
    }
}

/// A numeric escape: a byte in a plain string, a character in a `u` string.
fn push_code(prefix: Prefix, code: u32, text: &mut Bytes) {
    match u8::try_from(code) {
        Ok(byte) if !prefix.unicode => text.bytes.push(byte),
        _ => text.push(code),
    }
}
