//! Writes values as Python literals.

use super::Value;
use std::fmt::Write;

/// One `key = literal` a line.
pub(super) fn render(entries: &[(String, Value)]) -> String {
    let mut text = String::new();
    for (key, value) in entries {
        text.push_str(key);
        text.push_str(" = ");
        push(&mut text, value);
        text.push('\n');
    }
    text
}

/// One literal.
pub(super) fn literal(value: &Value) -> String {
    let mut text = String::new();
    push(&mut text, value);
    text
}

fn push(out: &mut String, value: &Value) {
    match value {
        Value::Text(text) => push_text(out, text),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Float(text) => out.push_str(text),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::None => out.push_str("None"),
        Value::List(list) => push_all(out, '[', list, push, ']'),
        Value::Tuple(list) if list.len() == 1 => {
            out.push('(');
            push(out, &list[0]);
            out.push_str(",)");
        }
        Value::Tuple(list) => push_all(out, '(', list, push, ')'),
        Value::Dict(pairs) => push_all(out, '{', pairs, push_pair, '}'),
    }
}

fn push_pair(out: &mut String, (key, value): &(Value, Value)) {
    push(out, key);
    out.push_str(": ");
    push(out, value);
}

fn push_all<T>(out: &mut String, open: char, all: &[T], push: fn(&mut String, &T), close: char) {
    out.push(open);
    for (at, one) in all.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        push(out, one);
    }
    out.push(close);
}

/// Other than ASCII characters stand as they are: to Python 2 a plain string is the UTF-8 bytes of the file.
fn push_text(out: &mut String, text: &str) {
    out.push('\'');
    for character in text.chars() {
        match character {
            '\\' | '\'' => {
                out.push('\\');
                out.push(character);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if character.is_ascii_control() => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\x{:02x}", character as u32);
            }
            _ => out.push(character),
        }
    }
    out.push('\'');
}
