//! The OVMCLI language: commands as values with one renderer and one parser, the schema of all commands and the checker
//! of scripts, and the answers of the Manager.

pub mod answer;
pub mod check;
pub mod command;
pub mod dialect;
pub mod inspect;
pub mod parse;
pub mod render;
pub mod schema;
pub mod syntax;
pub mod version;

pub use answer::{Answer, AnswerParser, Item, OvmError, Property, Reference, Status, parse_answers};
pub use check::{CheckOptions, Code, Finding, ScriptReport, check_command, check_script, form_of};
pub use command::{Attribute, Command, Selector, Target};
pub use dialect::in_words_of;
pub use inspect::{Inspection, inspect};
pub use parse::Columns;
pub use render::{RenderError, render, render_for};
pub use syntax::{SyntaxError, SyntaxErrorKind, Token, TokenKind, split_commands, tokenize};
pub use version::{Release, UnknownVersion, Version};
