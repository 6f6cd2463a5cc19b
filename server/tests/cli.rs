//! The program as a person meets it on the command line.

#![cfg(test)]

use domain::say::{Language, Say};
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
        "target",
        "script",
        "inspect",
        "Examples:",
        "then from flags; later ones win",
    ] {
        assert!(help.contains(part), "{part}: {help}");
    }
    for command in ["serve", "demo", "lab", "config", "user", "target", "script", "inspect"] {
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
        .find_map(|line| line.strip_prefix("Password (shown only once): "))
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

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced_while_the_database_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let account = |command| ["user", command, "anna", "--password-stdin", "--config", "/dev/null"];
    let made = fed_in(folder.path(), &account("create-admin"), b"correct horse battery\n");
    assert!(made.status.success(), "{}", text(&made.stderr));
    // Another process that has the database open, as a server that runs.
    let url = format!("sqlite://{}", folder.path().join("data/holdfast.db").display());
    let store = store::Store::connect(&url).await.unwrap();
    let before = store.user_by_name("anna").await.unwrap().unwrap();

    let short = fed_in(folder.path(), &account("set-password"), b"short\n");
    assert_eq!(short.status.code(), Some(1));
    let rule = "error: A password has 12 to 128 characters";
    assert!(text(&short.stderr).starts_with(rule), "{}", text(&short.stderr));
    let nobody = holdfast(
        folder.path(),
        &["user", "set-password", "nobody", "--config", "/dev/null"],
    )
    .output()
    .unwrap();
    assert_eq!(
        text(&nobody.stderr),
        "error: There is no account nobody.\ncode: invalid.account-unknown\n"
    );
    assert_eq!(store.user_by_name("anna").await.unwrap().unwrap(), before);

    let set = fed_in(folder.path(), &account("set-password"), b"another horse battery\n");
    assert!(set.status.success(), "{}", text(&set.stderr));
    let said = "The account anna has a new password; all its sessions have ended.\n";
    assert_eq!(text(&set.stdout), said);
    let after = store.user_by_name("anna").await.unwrap().unwrap();
    assert_eq!(after.epoch, before.epoch + 1, "sessions have ended");
    assert_ne!(after.password_hash, before.password_hash);
    let trail = store.audit_all().await.unwrap();
    let row = &trail.last().unwrap().event;
    let told = (row.actor.as_str(), row.event.as_str(), row.subject.key());
    assert_eq!(told, ("cli", "password.set.v1", "account/anna".to_owned()));
    assert!(!row.detail.say(Language::En).contains("horse"), "{:?}", row.detail);
}

/// What the program says that is expected not to start; it is not waited for longer than a minute.
fn refused(mut command: Command) -> String {
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    for _ in 0..600 {
        if child.try_wait().unwrap().is_some() {
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
            return text(&output.stderr);
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    child.kill().unwrap();
    panic!("it has started");
}

#[test]
fn without_its_backup_target_it_does_not_start_until_another_one_is_adopted() {
    let folder = tempfile::tempdir().unwrap();
    let (serve, adopt) = (
        ["serve", "--config", "/dev/null"],
        ["target", "adopt", "--config", "/dev/null"],
    );
    let adopt_new = || holdfast(folder.path(), &[&adopt[..], &["--new"]].concat());
    let made = adopt_new().output().unwrap();
    assert!(made.status.success(), "{}", text(&made.stderr));
    let first = text(&made.stdout).split(' ').nth(3).unwrap().to_owned();

    let target = folder.path().join("data/backup-target");
    std::fs::rename(&target, target.with_extension("away")).unwrap();
    std::fs::create_dir(&target).unwrap();
    let mut started = holdfast(folder.path(), &serve);
    started.args(["--listen", "127.0.0.1:0"]);
    let complaint = refused(started);
    let (expected, way_on) = (
        format!("expects {}", &first[..8]),
        "`holdfast target adopt --new` makes a new one",
    );
    for part in [
        "error: There is no backup target in data/backup-target",
        &expected,
        way_on,
    ] {
        assert!(complaint.contains(part), "{part}: {complaint}");
    }
    let complaint = refused(holdfast(folder.path(), &adopt));
    assert!(complaint.contains("holds no backup target"), "{complaint}");
    assert_eq!(target.read_dir().unwrap().count(), 0);

    let made = adopt_new().output().unwrap();
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(text(&made.stdout).contains(&format!("It replaces {first}.")));
}

#[test]
fn targets_are_added_listed_and_checked_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("dc2").display().to_string();
    let add = ["target", "add", "dc2", "--config", "/dev/null", "--folder", &at];
    let target = |arguments: &[&str]| fed_in(folder.path(), arguments, b"another password\n");
    let refused = target(&add);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("There is no backup target in"),
        "{}",
        text(&refused.stderr)
    );
    let added = target(&[&add[..], &["--new"]].concat());
    assert!(added.status.success(), "{}", text(&added.stderr));
    let listed = text(&target(&["target", "list", "--config", "/dev/null"]).stdout);
    assert!(listed.starts_with(&format!("dc2\t{at}\t")), "{listed}");
    let check = |name| target(&["target", "check", name, "--config", "/dev/null"]);
    assert!(text(&check("dc2").stdout).contains("opens it"));
    assert!(!check("dc3").status.success());
    std::fs::remove_dir_all(folder.path().join("dc2/keys")).unwrap();
    let lost = text(&check("dc2").stderr);
    assert!(lost.contains("There is no key file"), "{lost}");
}

/// Runs the program with bytes on its standard input.
fn fed(arguments: &[&str], input: &[u8]) -> std::process::Output {
    let folder = tempfile::tempdir().unwrap();
    fed_in(folder.path(), arguments, input)
}

/// The same, in this folder.
fn fed_in(folder: &Path, arguments: &[&str], input: &[u8]) -> std::process::Output {
    use std::io::Write;
    use std::process::Stdio;
    let mut child = holdfast(folder, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn scripts_are_checked_and_the_status_tells() {
    let right = fed(&["script", "check", "-"], b"OVM> list Vm\n# a note\n");
    assert_eq!(right.status.code(), Some(0), "{}", text(&right.stderr));
    let said = text(&right.stdout);
    assert!(
        said.contains("1 command for Oracle VM Manager 3.4, 0 findings; 1 comment line"),
        "{said}"
    );

    let wrong = fed(&["script", "check", "-"], b"list Vm\nedit Vm name=a memroy=512\n");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stdout).starts_with("-:2:16: "), "{}", text(&wrong.stdout));

    let json = fed(
        &["script", "check", "--json", "--version", "3.3", "-"],
        b"showclisession",
    );
    assert_eq!(json.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(
        (&report["version"], &report["findings"][0]["code"]),
        (&"3.3".into(), &"version".into())
    );

    for arguments in [
        &["script", "check", "/nowhere/at-all"][..],
        &["script", "check", "--version", "3.9", "-"],
        &["script"],
    ] {
        assert_eq!(fed(arguments, b"").status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn output_of_the_manager_and_definitions_of_machines_are_printed_as_json() {
    let shown = fed(
        &["inspect", "ovmcli", "-"],
        b"OVM> list Tag\n\rCommand: list Tag\n\rStatus: Success\n\r",
    );
    assert_eq!(shown.status.code(), Some(0));
    let found: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    let result = &found["results"][0];
    assert_eq!(
        (&result["command"], &result["truncated"]),
        (&"list Tag".into(), &true.into())
    );
    let keys: Vec<_> = text(&shown.stdout)
        .lines()
        .filter_map(|line| Some(line.strip_prefix("      \"")?.split_once('"')?.0.to_owned()))
        .collect();
    let all = [
        "command",
        "status",
        "truncated",
        "time",
        "job_id",
        "error",
        "items",
        "properties",
        "text",
    ];
    assert_eq!(keys, all);

    let shown = fed(&["inspect", "vmcfg", "-"], b"vcpus = 2\nname = 'a'\n");
    assert_eq!(shown.status.code(), Some(0));
    assert!(
        text(&shown.stdout).starts_with("{\n  \"keys\": {\n    \"vcpus\": 2,\n    \"name\""),
        "{}",
        text(&shown.stdout)
    );

    let refused = fed(&["inspect", "vmcfg", "-"], b"no such thing\n");
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("this is no vm.cfg"),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(
        fed(&["inspect", "ovmcli", "/nowhere/at-all"], b"").status.code(),
        Some(2)
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    use std::process::Stdio;
    let folder = tempfile::tempdir().unwrap();
    let many: String = (0..20_000).map(|number| format!("key{number} = {number}\n")).collect();
    std::fs::write(folder.path().join("vm.cfg"), many).unwrap();
    let mut child = holdfast(folder.path(), &["inspect", "vmcfg", "vm.cfg"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[test]
fn an_empty_secret_is_refused_with_its_file_and_what_to_do() {
    for name in ["backup-target.password", "seal.key"] {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join(name), "\n").unwrap();
        let output = holdfast(folder.path(), &["serve", "--listen", "127.0.0.1:0"])
            .output()
            .unwrap();
        let said = text(&output.stderr);
        assert!(!output.status.success(), "{said}");
        for part in [name, "is empty", "put your copy", "remove the file"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(
            !data.join("backup-target").exists(),
            "none was made with an empty password"
        );
    }
}
