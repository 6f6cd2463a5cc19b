//! Commands that answer without an envelope.

use super::reply::Reply;
use super::{Manager, Session};
use ovm::ovmcli::schema::OBJECT_TYPES;
use ovm::ovmcli::{Command, Version};

const HELP: [&str; 17] = [
    "For Most Object Types:",
    "    list <objectType>",
    "    show <objectType> <instance>",
    "    create <objectType> [(attribute1)=\"value1\"] ... [on <objectType> <instance>]",
    "    edit <objectType> <instance>  (attribute1)=\"value1\" ...",
    "    delete <objectType> <instance>",
    "For Most Object Types with Children:",
    "    add <objectType> <instance> to <objectType> <instance>",
    "    remove <objectType> <instance> from <objectType> <instance>",
    "Client Session Commands:",
    "    set outputMode=[Verbose,XML,Sparse]",
    "    set endLineChars=[CRLF,CR,LF]",
    "    set commandMode=[Asynchronous,Synchronous]",
    "    set alphabetizeAttributes=[Yes|No]",
    "    showobjtypes",
    "    showversion",
    "    exit",
];

/// Words of help that came with a release.
const NEWER: [(&str, Version); 2] = [("commandMode", Version::V3_3), ("alphabetizeAttributes", Version::V3_4)];

/// The reply to a session command, when it is one.
pub(super) fn plain(command: &Command, line: &str, session: &Session, manager: &Manager) -> Option<Reply> {
    let switches = &manager.switches;
    let release = switches.dialect.release();
    let lines = match command.verb.to_ascii_lowercase().as_str() {
        "exit" => return Some(Reply::Exit),
        "help" => {
            let is_newer = |line: &str| {
                NEWER
                    .iter()
                    .any(|(word, since)| line.contains(word) && release < *since)
            };
            HELP.iter()
                .filter(|line| !is_newer(line))
                .map(|line| (*line).to_owned())
                .collect()
        }
        "showversion" if switches.version_in_envelope => {
            return Some(Reply::text(line, switches.dialect.version()));
        }
        "showversion" => vec![switches.dialect.version().to_owned()],
        "showobjtypes" => OBJECT_TYPES
            .iter()
            .filter(|known| known.known.is_in(release))
            .map(|known| format!("  {}", known.name))
            .collect(),
        "showclisession" => vec![
            format!("  User = {}", session.user),
            format!(
                "  Command Mode = {}",
                if session.asynchronous {
                    "Asynchronous"
                } else {
                    "Synchronous"
                }
            ),
        ],
        "getmanagertime" => {
            let now = super::now().strftime("%Y-%m-%d %H:%M:%S");
            return Some(Reply::text(line, &format!("{now} {}", switches.time_zone)));
        }
        "getvnicmacaddrrange" => {
            let range = manager.store.read(|estate| estate.mac_range.clone());
            let text = format!("OUI = {}, Start = {}, End = {}", range.oui, range.start, range.end);
            return Some(Reply::text(line, &text));
        }
        _ => return None,
    };
    Some(Reply::Plain(lines))
}
