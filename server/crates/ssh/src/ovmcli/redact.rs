//! Blacks out secrets: the Manager echoes every command with its passwords.

use ovm::ovmcli::{Command, render};

const BLACK: &str = "***";

/// A value shorter than this is only blacked out beside its key; elsewhere it would tear holes into ordinary words.
const SHORTEST_ALONE: usize = 4;

/// What to black out in the answer to one command; by default nothing.
#[derive(Default)]
pub(super) struct Redaction {
    /// Text and replacement, longest first.
    replacements: Vec<(String, String)>,
}

impl Redaction {
    /// For the secret attributes of a command.
    pub(super) fn of(command: &Command) -> Self {
        let mut replacements = Vec::new();
        for attribute in command.attributes.iter().filter(|attribute| is_secret(&attribute.key)) {
            let (key, value) = (&attribute.key, &attribute.value);
            if let Ok(line) = render(&Command::new("set").with(key, value)) {
                let pair = line.trim_start_matches("set ").to_owned();
                let written = pair.split_once('=').map(|(_, written)| written.to_owned());
                replacements.push((pair, format!("{key}={BLACK}")));
                replacements.extend(written.map(|written| (written, BLACK.to_owned())));
            }
            replacements.push((value.clone(), BLACK.to_owned()));
        }
        replacements.retain(|(text, _)| text.len() >= SHORTEST_ALONE);
        replacements.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Self { replacements }
    }

    /// The text without the secrets.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (secret, black) in &self.replacements {
            text = text.replace(secret, black);
        }
        text
    }
}

/// `password` of `discoverServer`, `accessPassword` of a storage array, and whatever is called alike.
fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    ["password", "passphrase", "secret"]
        .iter()
        .any(|word| key.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn echoes_lose_their_passwords_in_every_spelling() {
        let command = Command::new("discoverServer")
            .with("ipAddress", "10.0.0.1")
            .with("password", "a/b \"c\"");
        let line = render(&command).unwrap();
        let clean = Redaction::of(&command).apply(&format!("OVM> {line}\nError Msg: bad a/b \"c\""));
        assert_eq!(
            clean,
            "OVM> discoverServer ipAddress=10.0.0.1 password=***\nError Msg: bad ***"
        );
    }

    #[test]
    fn short_passwords_vanish_beside_their_key_only() {
        let command = Command::new("x").with("accessPassword", "a");
        assert_eq!(
            Redaction::of(&command).apply("x accessPassword=a a"),
            "x accessPassword=*** a"
        );
    }

    #[test]
    fn other_values_stay() {
        let command = Command::on_id("show", "Vm", "0004fb").with("name", "password");
        assert_eq!(
            Redaction::of(&command).apply("show Vm id=0004fb name=password"),
            "show Vm id=0004fb name=password"
        );
    }
}
