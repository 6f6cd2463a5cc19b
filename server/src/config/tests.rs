//! Which setting wins, and what is said about one that cannot be used.

use super::{ConfigError, Settings, Sources, show};
use clap::Parser;
use std::fs;
use std::path::Path;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    sources: Sources,
}

struct Try {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
    flags: Vec<String>,
}

impl Try {
    fn file(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("holdfast.toml"), text).unwrap();
        Self {
            folder,
            variables: Vec::new(),
            flags: Vec::new(),
        }
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    fn flag(mut self, flag: &str) -> Self {
        self.flags.push(flag.into());
        self
    }

    fn path(&self) -> String {
        self.folder.path().join("holdfast.toml").display().to_string()
    }

    fn read(&self) -> Result<(Settings, String), ConfigError> {
        let mut line = vec!["holdfast".to_owned(), "--config".into(), self.path()];
        line.extend(self.flags.clone());
        let sources = Line::try_parse_from(line).unwrap().sources;
        let (settings, layers) = sources.read(self.variables.clone())?;
        let page = show(&settings, &layers);
        Ok((settings, page))
    }

    /// What is said, with the folder of this test left out.
    fn complaint(&self) -> String {
        let complaint = self.read().map(|_| ()).unwrap_err().to_string();
        complaint.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

#[test]
fn the_environment_wins_over_the_file_and_flags_over_both() {
    let file = Try::file("listen = \"127.0.0.1:1\"\nsession_hours = 1\nlog = \"error\"\n");
    let all = file
        .variable("HOLDFAST_LISTEN", "127.0.0.1:2")
        .variable("HOLDFAST_SESSION_HOURS", "2")
        .flag("--listen=127.0.0.1:3");
    let (settings, page) = all.read().unwrap();
    assert_eq!(settings.listen.port(), 3);
    assert_eq!(settings.session_hours, 2);
    assert_eq!(settings.log, "error");
    assert!(page.contains("\nlisten = \"127.0.0.1:3\"  # --listen\n"), "{page}");
    assert!(
        page.contains("\nsession_hours = 2  # HOLDFAST_SESSION_HOURS\n"),
        "{page}"
    );
    assert!(
        page.contains(&format!("\nlog = \"error\"  # {}\n", all.path())),
        "{page}"
    );
    assert!(page.contains("\n# insecure_http = false  # default\n"), "{page}");
}

#[test]
fn what_is_not_given_lies_in_the_data_folder() {
    let (settings, _) = Try::file("data_dir = \"/srv/holdfast\"").read().unwrap();
    assert_eq!(
        settings.database_url.reveal(),
        "sqlite:///srv/holdfast/holdfast.db?mode=rwc"
    );
    assert_eq!(settings.backup_target, Path::new("/srv/holdfast/backup-target"));
    assert_eq!(settings.seal_key_file, Path::new("/srv/holdfast/seal.key"));
    assert!(!settings.insecure_http && !settings.trusted_proxy);
}

#[test]
fn a_switch_needs_no_value_as_a_flag() {
    assert!(Try::file("").flag("--insecure-http").read().unwrap().0.insecure_http);
    let off = Try::file("insecure_http = true").flag("--insecure-http=false");
    assert!(!off.read().unwrap().0.insecure_http);
}

#[test]
fn a_secret_can_lie_in_a_file_and_is_never_shown() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(&secret, "hunter2\n").unwrap();
    let given = Try::file("backup_target_password = \"from the file\"")
        .variable(
            "HOLDFAST_BACKUP_TARGET_PASSWORD_FILE",
            &secret.path().display().to_string(),
        )
        .variable(
            "HOLDFAST_DATABASE_URL",
            "postgres://holdfast:s3cret@db.example/holdfast?sslkey=s3cret",
        );
    let (settings, page) = given.read().unwrap();
    assert_eq!(settings.backup_target_password.unwrap().reveal(), "hunter2");
    assert!(!page.contains("hunter2") && !page.contains("s3cret"), "{page}");
    assert!(
        page.contains("# database_url = \"postgres://holdfast:********@db.example/holdfast?********\""),
        "{page}"
    );
}

#[test]
fn an_empty_file_is_no_secret() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(&secret, "\n").unwrap();
    let path = secret.path().display().to_string();
    let given = Try::file("").variable("HOLDFAST_BACKUP_TARGET_PASSWORD_FILE", &path);
    let refused = given.read().err().unwrap().to_string();
    let expected =
        format!("HOLDFAST_BACKUP_TARGET_PASSWORD_FILE names {path}, which is empty. Write the secret into it.");
    assert_eq!(refused, expected);
}

#[test]
fn the_page_of_settings_can_be_used_as_a_file() {
    let (settings, page) = Try::file("listen = \"127.0.0.1:9\"\nlog = \"warn\"").read().unwrap();
    let (again, _) = Try::file(&page).read().unwrap();
    assert_eq!(format!("{settings:?}"), format!("{again:?}"));
}

#[test]
fn a_complaint_names_the_place_and_the_setting() {
    for (attempt, complaint) in [
        (
            Try::file("lisen = 1"),
            "holdfast.toml: there is no setting `lisen`. `holdfast config` shows all settings.",
        ),
        (
            Try::file("log = [\"info\"]"),
            "holdfast.toml: `log` takes a single text, number, true or false.",
        ),
        (
            Try::file("").variable("HOLDFAST_LISTEN", "8080"),
            "HOLDFAST_LISTEN: `listen` needs an address and a port, for example 127.0.0.1:8080, not `8080`.",
        ),
        (
            Try::file("").flag("--session-hours=25"),
            "--session-hours: `session_hours` needs 1 to 24 hours, not `25`.",
        ),
        (
            Try::file("insecure_http = \"yes\""),
            "holdfast.toml: `insecure_http` needs true or false, not `yes`.",
        ),
        (
            Try::file("database_url = \"a\"\ndatabase_url_file = \"b\""),
            "holdfast.toml: `database_url` is given twice, directly and by a file. Remove one of them.",
        ),
        (
            Try::file("").flag("--database-url-file=/nowhere/url"),
            "Cannot read what --database-url-file names, /nowhere/url: No such file or directory (os error 2)",
        ),
    ] {
        assert_eq!(attempt.complaint(), complaint);
    }
}

#[test]
fn a_file_that_is_not_toml_is_shown_where() {
    let complaint = Try::file("listen = ").complaint();
    assert!(
        complaint.starts_with("holdfast.toml is not TOML: TOML parse error at line 1"),
        "{complaint}"
    );
}

#[test]
fn variables_that_are_no_settings_are_named() {
    let (_, page) = Try::file("").variable("HOLDFAST_LISTENN", "x").read().unwrap();
    assert!(
        page.contains("# HOLDFAST_LISTENN is set in the environment and is not a setting"),
        "{page}"
    );
}
