//! Where settings come from: a file, then the environment, then flags; what comes later wins.

use super::ConfigError;
use super::key::{Key, Kind};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A text given for a key, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The text.
    pub text: String,
    /// Where it was given, as a person finds it: `holdfast.toml`, `HOLDFAST_LISTEN`, `--listen`.
    pub place: String,
}

/// What was given last for each key.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    given: BTreeMap<Key, Given>,
    /// Variables that look like settings and are none.
    pub unknown_variables: Vec<String>,
}

impl Layers {
    /// What was given last for the key.
    pub fn get(&self, key: Key) -> Option<&Given> {
        self.given.get(&key)
    }

    /// Adds what a TOML file says. Every key in it has to be known.
    pub fn add_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let place = path.display().to_string();
        let mut layer = Layer::default();
        for (name, value) in read_table(path)? {
            let Some((key, by_file)) = Key::find(&name) else {
                return Err(ConfigError::UnknownKey { name, place });
            };
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(truth) => truth.to_string(),
                _ => return Err(ConfigError::NotSimple { name, place }),
            };
            layer.add(
                key,
                by_file,
                Given {
                    text,
                    place: place.clone(),
                },
            )?;
        }
        self.merge(layer)
    }

    /// Adds what the environment says.
    pub fn add_environment(
        &mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        let mut layer = Layer::default();
        for (place, text) in variables {
            let Some(name) = place.strip_prefix("HOLDFAST_").map(str::to_lowercase) else {
                continue;
            };
            match Key::find(&name) {
                Some((key, by_file)) => layer.add(key, by_file, Given { text, place })?,
                None if name == "config" => {}
                None => self.unknown_variables.push(place),
            }
        }
        self.merge(layer)
    }

    /// Adds what the command line says.
    pub fn add_flags(&mut self, flags: &Flags) -> Result<(), ConfigError> {
        let mut layer = Layer::default();
        for (key, text) in &flags.given {
            let (text, place) = (text.clone(), format!("--{}", key.flag()));
            layer.add(*key, key.kind() == Kind::Secret, Given { text, place })?;
        }
        self.merge(layer)
    }

    fn merge(&mut self, layer: Layer) -> Result<(), ConfigError> {
        for (key, (by_file, given)) in layer.0 {
            self.given
                .insert(key, if by_file { read_secret(&given)? } else { given });
        }
        Ok(())
    }
}

/// One layer while it is read: what was given for a key, and whether it is the name of a file with the value.
#[derive(Default)]
struct Layer(BTreeMap<Key, (bool, Given)>);

impl Layer {
    fn add(&mut self, key: Key, by_file: bool, given: Given) -> Result<(), ConfigError> {
        match self.0.insert(key, (by_file, given)) {
            Some((_, before)) => Err(ConfigError::GivenTwice {
                name: key.name(),
                place: before.place,
            }),
            None => Ok(()),
        }
    }
}

fn read_table(path: &Path) -> Result<toml::Table, ConfigError> {
    let text = fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
        what: "the configuration file".into(),
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    text.parse().map_err(|error: toml::de::Error| ConfigError::NotToml {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

fn read_secret(given: &Given) -> Result<Given, ConfigError> {
    match fs::read_to_string(&given.text) {
        Ok(text) if text.trim().is_empty() => Err(ConfigError::EmptySecret {
            place: given.place.clone(),
            path: PathBuf::from(&given.text),
        }),
        Ok(text) => Ok(Given {
            text: text.trim_end_matches(['\r', '\n']).to_owned(),
            place: format!("{}, {}", given.place, given.text),
        }),
        Err(error) => Err(ConfigError::Unreadable {
            what: format!("what {} names,", given.place),
            path: PathBuf::from(&given.text),
            reason: error.to_string(),
        }),
    }
}

/// The settings given as flags.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    given: BTreeMap<Key, String>,
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        Key::ALL
            .into_iter()
            .fold(command, |command, key| command.arg(flag(key)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn flag(key: Key) -> Arg {
    let arg = Arg::new(key.name())
        .long(key.flag())
        .value_name(key.placeholder())
        .help(match key.kind() {
            Kind::Secret => format!("File with this in it: {}", key.help()),
            Kind::Value | Kind::Switch => key.help().to_owned(),
        })
        .help_heading("Settings")
        .action(ArgAction::Set);
    match key.kind() {
        Kind::Value | Kind::Secret => arg,
        Kind::Switch => arg.num_args(0..=1).require_equals(true).default_missing_value("true"),
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for key in Key::ALL {
            if let Some(text) = matches.get_one::<String>(key.name()) {
                self.given.insert(key, text.clone());
            }
        }
        Ok(())
    }
}
