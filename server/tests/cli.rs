//! The program as a person meets it on the command line.

use std::path::Path;
use std::process::Command;

fn holdfast(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.current_dir(folder).env_clear().args(arguments);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_help_names_every_command_and_shows_examples() {
    let folder = tempfile::tempdir().unwrap();
    let output = holdfast(folder.path(), &["--help"]).output().unwrap();
    assert!(output.status.success());
    let help = text(&output.stdout);
    for part in [
        "serve",
        "demo",
        "lab",
        "config",
        "user",
        "Examples:",
        "then from flags; what comes later wins",
    ] {
        assert!(help.contains(part), "{part}: {help}");
    }
    for command in ["serve", "demo", "lab", "config", "user"] {
        let output = holdfast(folder.path(), &[command, "--help"]).output().unwrap();
        assert!(output.status.success(), "{command}");
    }
}

#[test]
fn every_setting_is_a_flag_of_serve_but_no_secret_is() {
    let folder = tempfile::tempdir().unwrap();
    let help = text(&holdfast(folder.path(), &["serve", "--help"]).output().unwrap().stdout);
    for flag in [
        "--listen <",
        "--insecure-http",
        "--database-url-file <",
        "--backup-target-password-file <",
        "--config <",
    ] {
        assert!(help.contains(flag), "{flag}: {help}");
    }
    for flag in ["--database-url ", "--backup-target-password "] {
        assert!(!help.contains(flag), "{flag}: {help}");
    }
}

#[test]
fn the_settings_of_an_empty_folder_are_the_defaults_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let output = holdfast(folder.path(), &["config", "--config", "/dev/null"])
        .output()
        .unwrap();
    let page = text(&output.stdout);
    assert!(page.contains("\n# listen = \"127.0.0.1:8080\"  # default\n"), "{page}");
    assert!(page.contains("\n# data_dir = \"data\"  # default\n"), "{page}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn the_file_in_the_working_folder_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("holdfast.toml"), "session_hours = 3\n").unwrap();
    let page = text(&holdfast(folder.path(), &["config"]).output().unwrap().stdout);
    assert!(page.contains("\nsession_hours = 3  # holdfast.toml\n"), "{page}");
}

#[test]
fn what_cannot_be_done_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("holdfast.toml"), "lisen = 1\n").unwrap();
    let output = holdfast(folder.path(), &["serve"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let complaint = "error: holdfast.toml: there is no setting `lisen`. `holdfast config` shows all settings.\n";
    assert_eq!(text(&output.stderr), complaint);
}

#[test]
fn the_first_administrator_is_made_once_with_a_password_that_is_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    let create = ["user", "create-admin", "anna", "--config", "/dev/null"];
    let output = holdfast(folder.path(), &create).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = text(&output.stdout);
    let password = page
        .lines()
        .find_map(|line| line.strip_prefix("Password, shown only now: "))
        .unwrap();
    assert_eq!(password.len(), 20);
    let again = holdfast(folder.path(), &create).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert!(
        text(&again.stderr).contains("There is an account anna already."),
        "{}",
        text(&again.stderr)
    );
    assert_eq!(text(&again.stdout), "");
}
