//! `holdfast config`: the effective settings as a file that Holdfast can read, secrets left out.

use super::Settings;
use super::key::{FILE_SUFFIX, Key, Kind};
use super::layers::Layers;

/// The settings as TOML, with what each is for and where its value came from.
pub fn show(settings: &Settings, layers: &Layers) -> String {
    let mut parts = vec![
        "# The effective settings of Holdfast. They are read from a file like this one, then from the environment,\n\
         # then from flags; later ones win. Settings that were not given, and secrets, are comments here.\n"
            .to_owned(),
    ];
    parts.extend(Key::ALL.map(|key| {
        let given = layers.get(key);
        let place = given.map_or("default", |given| &given.place);
        let comment = if given.is_none() || key.kind() == Kind::Secret {
            "# "
        } else {
            ""
        };
        let (help, ways, line) = (key.help(), ways(key), line(key, settings));
        format!("# {help}.\n# {ways}\n{comment}{line}  # {place}\n")
    }));
    parts.extend(
        layers
            .unknown_variables
            .iter()
            .map(|variable| format!("# {variable} is set in the environment and is not a setting of Holdfast.\n")),
    );
    parts.join("\n")
}

fn ways(key: Key) -> String {
    let (name, variable, flag) = (key.name(), key.variable(), key.flag());
    match key.kind() {
        Kind::Value | Kind::Switch => format!("Also {variable} or --{flag}"),
        Kind::Secret => format!("Also {name}{FILE_SUFFIX}, {variable}, {variable}_FILE or --{flag}"),
    }
}

/// The setting as a file sets it.
fn line(key: Key, settings: &Settings) -> String {
    let text = |text: &dyn ToString| toml::Value::String(text.to_string());
    let value = match key {
        Key::Listen => text(&settings.listen),
        Key::DataDir => text(&settings.data_dir.display()),
        Key::DatabaseUrl => text(&without_password(settings.database_url.reveal())),
        Key::InsecureHttp => settings.insecure_http.into(),
        Key::TrustedProxy => settings.trusted_proxy.into(),
        Key::BackupTarget => text(&settings.backup_target.display()),
        Key::BackupTargetPassword => text(&"********"),
        Key::SealKeyFile => text(&settings.seal_key_file.display()),
        Key::SessionHours => i64::from(settings.session_hours).into(),
        Key::LeaseSeconds => i64::from(settings.lease_seconds).into(),
        Key::Workers => i64::from(settings.workers).into(),
        Key::Transfers => i64::from(settings.transfers).into(),
        Key::Log => text(&settings.log),
    };
    format!("{} = {value}", key.name())
}

/// The address of a database without what opens it: the password before the host, and the parameters.
fn without_password(url: &str) -> String {
    let (address, parameters) = match url.split_once('?') {
        Some((address, _)) if !url.starts_with("sqlite:") => (address, "?********"),
        _ => (url, ""),
    };
    let masked = address.split_once("://").and_then(|(scheme, rest)| {
        let (login, host) = rest.rsplit_once('@')?;
        let (user, _) = login.split_once(':')?;
        Some(format!("{scheme}://{user}:********@{host}"))
    });
    format!("{}{parameters}", masked.as_deref().unwrap_or(address))
}
