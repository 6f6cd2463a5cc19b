//! The OVMCLI language: commands as values with one renderer and one parser, and the answers of the Manager.

pub mod answer;
pub mod command;
pub mod render;
pub mod syntax;
pub mod version;

pub use answer::{Answer, AnswerParser, Item, OvmError, Property, Reference, Status, parse_answers};
pub use command::{Attribute, Command, Selector, Target};
pub use render::{RenderError, render};
pub use syntax::{SyntaxError, Token, TokenKind, split_commands, tokenize};
pub use version::{UnknownVersion, Version};
