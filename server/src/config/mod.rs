//! Settings: from a TOML file, the environment and flags, in that order; what comes later wins.

pub mod key;
mod layers;
pub mod secret;
mod show;
#[cfg(test)]
mod tests;

pub use layers::{Flags, Layers};
pub use secret::Secret;
pub use show::show;

use key::Key;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use thiserror::Error;

/// Files that are read when no other is named, the first that exists.
const USUAL_FILES: [&str; 2] = ["holdfast.toml", "/etc/holdfast/holdfast.toml"];

/// Where settings are looked for, as every command takes it.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Sources {
    /// Configuration file [default: ./holdfast.toml or /etc/holdfast/holdfast.toml, if there is one]
    #[arg(long, value_name = "FILE", env = "HOLDFAST_CONFIG", help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// Settings given as flags.
    #[command(flatten)]
    pub flags: Flags,
}

/// The effective settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Folder of everything that Holdfast keeps.
    pub data_dir: PathBuf,
    /// The database.
    pub database_url: Secret,
    /// Let browsers log in over plain HTTP.
    pub insecure_http: bool,
    /// Take the address of a browser from `X-Forwarded-For`.
    pub trusted_proxy: bool,
    /// Folder of the backup target.
    pub backup_target: PathBuf,
    /// Password of the backup target; none means the one that was made at the first start.
    pub backup_target_password: Option<Secret>,
    /// File with the key that seals stored passwords.
    pub seal_key_file: PathBuf,
    /// Hours without a request after which a session ends.
    pub session_hours: u8,
    /// Seconds after which the runs of a dead process are taken up.
    pub lease_seconds: u16,
    /// Runs that this process works on at the same time.
    pub workers: u8,
    /// Runs of all processes whose disks move at the same time.
    pub transfers: u8,
    /// What is logged.
    pub log: String,
}

/// Why the settings cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("Cannot read {what} {}: {reason}", path.display())]
    Unreadable {
        /// Which file.
        what: String,
        /// Its path.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file is not TOML.
    #[error("{} is not TOML: {reason}", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// There is no such setting.
    #[error("{place}: there is no setting `{name}`. `holdfast config` shows all settings.")]
    UnknownKey {
        /// The name.
        name: String,
        /// Where it was given.
        place: String,
    },
    /// A list or table stands where one value is expected.
    #[error("{place}: `{name}` takes a single text, number, true or false.")]
    NotSimple {
        /// The setting.
        name: String,
        /// Where it was given.
        place: String,
    },
    /// A secret was given both itself and by its file.
    #[error("{place}: `{name}` is given twice, directly and by a file. Remove one of them.")]
    GivenTwice {
        /// The setting.
        name: &'static str,
        /// Where it was given.
        place: String,
    },
    /// The file of a secret is empty.
    #[error("{place} names {}, which is empty. Write the secret into it.", path.display())]
    EmptySecret {
        /// Where the file was named.
        place: String,
        /// The file.
        path: PathBuf,
    },
    /// The text does not fit.
    #[error("{place}: `{name}` needs {expected}, not `{text}`.")]
    Unfit {
        /// The setting.
        name: &'static str,
        /// Where it was given.
        place: String,
        /// What would fit.
        expected: &'static str,
        /// What was given.
        text: String,
    },
}

impl Sources {
    /// Reads file, environment and flags.
    pub fn read(
        &self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(Settings, Layers), ConfigError> {
        let mut layers = Layers::default();
        let usual = || USUAL_FILES.into_iter().map(PathBuf::from).find(|path| path.is_file());
        if let Some(file) = self.config.clone().or_else(usual) {
            layers.add_file(&file)?;
        }
        layers.add_environment(variables)?;
        layers.add_flags(&self.flags)?;
        Ok((Settings::from_layers(&layers)?, layers))
    }

    /// The effective settings of this process.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let (settings, layers) = self.read(std::env::vars())?;
        for variable in layers.unknown_variables {
            eprintln!("warning: {variable} is not a setting of Holdfast; `holdfast config` shows all settings");
        }
        Ok(settings)
    }
}

impl Settings {
    /// What holds when nothing is given, in this data folder.
    pub fn usual(data_dir: &Path) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            database_url: Secret::new(format!("sqlite://{}?mode=rwc", data_dir.join("holdfast.db").display())),
            insecure_http: false,
            trusted_proxy: false,
            backup_target: data_dir.join("backup-target"),
            backup_target_password: None,
            seal_key_file: data_dir.join("seal.key"),
            session_hours: 8,
            lease_seconds: 30,
            workers: 8,
            transfers: 2,
            log: "info".into(),
            data_dir: data_dir.to_owned(),
        }
    }

    /// The key file of the backup target, when its password is not given.
    pub fn backup_target_password_file(&self) -> PathBuf {
        self.data_dir.join("backup-target.password")
    }

    fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let text = |key: Key| layers.get(key).map(|given| given.text.clone());
        let usual = Self::usual(Path::new(&text(Key::DataDir).unwrap_or_else(|| "data".into())));
        let session_hours = parse(layers, Key::SessionHours, "1 to 24 hours", |hours| {
            hours.parse().ok().filter(|hours| (1..=24).contains(hours))
        })?;
        let lease_seconds = parse(layers, Key::LeaseSeconds, "2 to 600 seconds", |seconds| {
            seconds.parse().ok().filter(|seconds| (2..=600).contains(seconds))
        })?;
        let count = |key| {
            parse(layers, key, "1 to 64", |count| {
                count.parse().ok().filter(|count| (1..=64).contains(count))
            })
        };
        Ok(Self {
            listen: parse(
                layers,
                Key::Listen,
                "an address and a port, for example 127.0.0.1:8080",
                fits,
            )?
            .unwrap_or(usual.listen),
            database_url: text(Key::DatabaseUrl).map_or(usual.database_url, Secret::new),
            insecure_http: parse(layers, Key::InsecureHttp, "true or false", fits)?.unwrap_or(usual.insecure_http),
            trusted_proxy: parse(layers, Key::TrustedProxy, "true or false", fits)?.unwrap_or(usual.trusted_proxy),
            backup_target: text(Key::BackupTarget).map_or(usual.backup_target, PathBuf::from),
            backup_target_password: text(Key::BackupTargetPassword).map(Secret::new),
            seal_key_file: text(Key::SealKeyFile).map_or(usual.seal_key_file, PathBuf::from),
            session_hours: session_hours.unwrap_or(usual.session_hours),
            lease_seconds: lease_seconds.unwrap_or(usual.lease_seconds),
            workers: count(Key::Workers)?.unwrap_or(usual.workers),
            transfers: count(Key::Transfers)?.unwrap_or(usual.transfers),
            log: parse(
                layers,
                Key::Log,
                "a filter, for example info or info,engine=debug",
                log_filter,
            )?
            .unwrap_or(usual.log),
            data_dir: usual.data_dir,
        })
    }
}

fn parse<T>(
    layers: &Layers,
    key: Key,
    expected: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, ConfigError> {
    let unfit = |given: &layers::Given| ConfigError::Unfit {
        name: key.name(),
        place: given.place.clone(),
        expected,
        text: given.text.clone(),
    };
    layers
        .get(key)
        .map(|given| read(&given.text).ok_or_else(|| unfit(given)))
        .transpose()
}

fn fits<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn log_filter(text: &str) -> Option<String> {
    tracing_subscriber::EnvFilter::try_new(text)
        .ok()
        .map(|_| text.to_owned())
}
