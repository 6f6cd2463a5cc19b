//! Commands that answer without an envelope.

use super::Session;
use super::reply::Reply;
use crate::model::Kind;
use crate::switches::Switches;
use ovm::ovmcli::Command;

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

/// The reply to a session command, when it is one.
pub(super) fn plain(command: &Command, session: &Session, switches: &Switches) -> Option<Reply> {
    let lines = match command.verb.to_ascii_lowercase().as_str() {
        "exit" => return Some(Reply::Exit),
        "help" => HELP.map(str::to_owned).to_vec(),
        "showversion" => vec![switches.dialect.version().to_owned()],
        "showobjtypes" => Kind::names().into_iter().map(|name| format!("  {name}")).collect(),
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
        _ => return None,
    };
    Some(Reply::Plain(lines))
}
