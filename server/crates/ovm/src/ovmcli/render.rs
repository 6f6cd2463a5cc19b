//! Writes command lines: the only place where a [`Command`] becomes text. What it writes, [`Command::parse`] reads back
//! as the same value, or it refuses.

use super::{
    Version,
    check::check_command,
    command::{Attribute, Command},
    parse::is_preposition,
};
use thiserror::Error;

/// Why a command has no text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RenderError {
    /// A line end or another control character would end or change the command.
    #[error("the value of `{key}` holds a control character, which a command cannot carry; remove it")]
    ControlCharacter {
        /// Key of the value.
        key: String,
    },
    /// A verb, type or key must be one plain word.
    #[error("`{word}` cannot be used as {role} of a command")]
    NotAWord {
        /// Which part of the command.
        role: &'static str,
        /// What stood there.
        word: String,
    },
    /// The command would be read back as another one.
    #[error("the command `{verb}` would be understood as another one: {reason}")]
    Ambiguous {
        /// Verb of the command.
        verb: String,
        /// What would go wrong.
        reason: &'static str,
    },
    /// The release would refuse the command.
    #[error("Oracle VM Manager {version} would not understand `{verb}`: {message}; expected: {expected}")]
    NotInVersion {
        /// The release.
        version: Version,
        /// Verb of the command.
        verb: String,
        /// What it would not understand.
        message: String,
        /// What it would.
        expected: String,
    },
}

/// The command as one line for a release; refused when the release does not know the command, an attribute or a value.
pub fn render_for(command: &Command, version: Version) -> Result<String, RenderError> {
    let line = render(command)?;
    match check_command(command, version).into_iter().next() {
        None => Ok(line),
        Some(finding) => Err(RenderError::NotInVersion {
            version,
            verb: command.verb.clone(),
            message: finding.message,
            expected: finding.expected,
        }),
    }
}

/// The command as one line, without a line end. Placeholders such as `${disk}` are values like others, so a plan with
/// unresolved ones renders too.
pub fn render(command: &Command) -> Result<String, RenderError> {
    check_shape(command)?;
    let mut line = word("the verb", &command.verb)?.to_owned();
    if let Some(object_type) = &command.object_type {
        line.push(' ');
        line.push_str(word("the object type", object_type)?);
    }
    if let Some(selector) = &command.selector {
        push_pair(&mut line, selector.key(), selector.value())?;
    }
    if let Some(embedded) = &command.embedded {
        line.push(' ');
        line.push_str(word("the embedded object", embedded)?);
    }
    for Attribute { key, value } in &command.attributes {
        push_pair(&mut line, word("a key", key)?, value)?;
    }
    if let Some(target) = &command.target {
        line.push(' ');
        line.push_str(&target.preposition);
        line.push(' ');
        line.push_str(word("the object type", &target.object_type)?);
        push_pair(&mut line, target.selector.key(), target.selector.value())?;
    }
    Ok(line)
}

/// Refuses the values of [`Command`] that no line can say.
fn check_shape(command: &Command) -> Result<(), RenderError> {
    let ambiguous = |reason| {
        Err(RenderError::Ambiguous {
            verb: command.verb.clone(),
            reason,
        })
    };
    let first = command
        .attributes
        .first()
        .map(|attribute| attribute.key.to_ascii_lowercase());
    match (&command.selector, command.may_select()) {
        (Some(_), false) => return ambiguous("only a command on a type, other than create, selects an object"),
        (None, true) if command.embedded.is_none() && matches!(first.as_deref(), Some("id" | "name")) => {
            return ambiguous("its first attribute would select the object");
        }
        _ => {}
    }
    match &command.embedded {
        Some(_) if !command.is_embedding() => return ambiguous("only the embedded commands reach inside an object"),
        Some(embedded) if is_preposition(embedded) => return ambiguous("what is inside the object has no such name"),
        _ => {}
    }
    match &command.target {
        Some(target) if !is_preposition(&target.preposition) => ambiguous("only on, to and from name a second object"),
        Some(_) if command.object_type.is_none() => ambiguous("a second object needs a first one"),
        _ => Ok(()),
    }
}

fn word<'a>(role: &'static str, word: &'a str) -> Result<&'a str, RenderError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if !word.is_empty() && word.bytes().all(plain) {
        return Ok(word);
    }
    Err(RenderError::NotAWord {
        role,
        word: word.to_owned(),
    })
}

fn push_pair(line: &mut String, key: &str, value: &str) -> Result<(), RenderError> {
    if value.chars().any(char::is_control) {
        return Err(RenderError::ControlCharacter { key: key.to_owned() });
    }
    line.push(' ');
    line.push_str(key);
    line.push('=');
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:,/-".contains(&byte);
    if !value.is_empty() && value.bytes().all(bare) {
        line.push_str(value);
        return Ok(());
    }
    line.push('"');
    for character in value.chars() {
        if matches!(character, '/' | '"' | '\'') {
            line.push('/');
        }
        line.push(character);
    }
    line.push('"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ovmcli::{Selector, split_commands};
    use proptest::prelude::*;

    fn selector(value: impl Strategy<Value = String>) -> impl Strategy<Value = Selector> {
        (any::<bool>(), value).prop_map(|(id, value)| if id { Selector::Id(value) } else { Selector::Name(value) })
    }

    /// Values rich in the characters that need care.
    fn value() -> impl Strategy<Value = String> {
        prop_oneof!["[^\\p{Cc}]{0,20}", "[/;\"' =a\\[\\]$,{}]{0,12}"]
    }

    fn command() -> impl Strategy<Value = Command> {
        let shape = prop_oneof![
            Just("create"),
            Just("edit"),
            Just("add"),
            Just("embeddedEdit"),
            Just("set")
        ];
        let attributes = prop::collection::vec(("[a-z][A-Za-z0-9]{0,8}", value()), 0..4);
        let target = prop::option::of((prop_oneof![Just("on"), Just("to"), Just("from")], selector(value())));
        (shape, selector(value()), attributes, target).prop_map(|(verb, selected, attributes, target)| {
            let mut command = if verb == "set" {
                Command::new(verb)
            } else {
                Command::of_type(verb, "Vm")
            };
            if command.may_select() {
                command.selector = Some(selected);
            }
            if command.is_embedding() {
                command = command.inside("ipAddressConfig");
            }
            for (key, value) in attributes {
                command = command.with(&key, value);
            }
            match target {
                Some((preposition, selected)) if verb != "set" => command.target(preposition, "Repository", selected),
                _ => command,
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(command in command()) {
            let line = render(&command).unwrap();
            prop_assert_eq!(Command::parse(&line), Ok(command));
            prop_assert_eq!(split_commands(&line), [line.as_str()]);
        }

        #[test]
        fn control_characters_are_refused(before in value(), control in "\\p{Cc}", after in value()) {
            let command = Command::on_id("edit", "Vm", "1").with("description", before + &control + &after);
            let key = "description".to_owned();
            prop_assert_eq!(render(&command), Err(RenderError::ControlCharacter { key }));
        }

        #[test]
        fn reading_never_panics(line in any::<String>()) {
            let _ = Command::parse(&line);
            let _ = split_commands(&line);
        }
    }

    #[test]
    fn bare_when_plain_and_quoted_when_not() {
        let line = |value: &str| render(&Command::new("set").with("k", value)).unwrap();
        assert_eq!(line("nfs:/a_b-c.d,e"), "set k=nfs:/a_b-c.d,e");
        assert_eq!(line(""), "set k=\"\"");
        assert_eq!(line("HR's 1/2"), "set k=\"HR/'s 1//2\"");
        assert_eq!(line("a;b"), "set k=\"a;b\"");
        assert_eq!(line("${clone}"), "set k=\"${clone}\"");
    }

    #[test]
    fn shapes_that_would_read_differently_are_refused() {
        let refused = [
            Command::on_id("create", "Vm", "1"),
            Command::of_type("edit", "Vm").with("Name", "x"),
            Command::on_id("show", "Vm x", "1"),
            Command::new("set").with("a b", "1"),
            Command::new("").with("a", "1"),
            Command::on_id("add", "Vm", "1").target("into", "ServerPool", Selector::Id("2".into())),
            Command::new("add").target("to", "ServerPool", Selector::Id("2".into())),
            Command::on_id("edit", "Port", "1").inside("ipAddressConfig"),
            Command::on_id("embeddedEdit", "Port", "1").inside("on"),
        ];
        for command in refused {
            assert!(render(&command).is_err(), "{command:?}");
        }
    }

    #[test]
    fn a_release_gets_only_what_it_knows() {
        let vnic = Command::of_type("create", "Vnic")
            .with("network", "lan")
            .with("name", "card 1")
            .with("macAddress", "00:21:f6:00:00:01")
            .target("on", "Vm", Selector::Name("web".into()));
        assert!(render_for(&vnic, Version::V3_4).is_ok());
        let refused = render_for(&vnic, Version::V3_3).unwrap_err().to_string();
        assert!(refused.contains("3.3") && refused.contains("macAddress"), "{refused}");
        assert!(refused.contains("known in 3.4"), "{refused}");
    }
}
