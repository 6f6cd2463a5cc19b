//! Python strings. A plain one is bytes to Python 2, so `\xc3\xa9` in it is one UTF-8 character; in a `u` string
//! `\xe9` is the character itself.

use super::{Parser, VmCfgError};

/// What stands before the opening quote.
#[derive(Clone, Copy, Default)]
pub(super) struct Prefix {
    unicode: bool,
    raw: bool,
}

impl Prefix {
    /// `u`, `b`, `r` and their pairs, in any case.
    pub(super) fn parse(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        matches!(word.as_str(), "u" | "b" | "r" | "ur" | "br").then(|| Self {
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
    /// A string from its opening quote on.
    pub(super) fn text(&mut self, prefix: Prefix) -> Result<String, VmCfgError> {
        let unclosed = self.error("the string is not closed on its line");
        let quote = self.next();
        let mut text = Bytes::default();
        loop {
            match self.peek() {
                None | Some('\n') => return Err(unclosed),
                end if end == quote => break,
                Some('\\') if !prefix.raw => self.escape(prefix, &mut text)?,
                Some('\\') => {
                    // In a raw string the backslash stays, and so does the quote after it.
                    self.next();
                    text.push('\\' as u32);
                    if let Some(character) = self.peek().filter(|next| Some(*next) == quote || *next == '\\') {
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
        self.next();
        Ok(String::from_utf8_lossy(&text.bytes).into_owned())
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
