//! The console: the commands that an administrator may send to a Manager by hand. They only ask; whatever is not in the
//! one table here is refused before it leaves Holdfast.

use crate::error::{ConsoleFlaw, ServiceError};
use ovm::ovmcli::{Command, Status};
use serde::{Deserialize, Serialize};

/// A command that only asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// First word of the command.
    pub verb: &'static str,
    /// How it is written.
    pub form: &'static str,
    /// What it answers, as a phrase.
    pub answers: &'static str,
}

const fn question(verb: &'static str, form: &'static str, answers: &'static str) -> Question {
    Question { verb, form, answers }
}

/// Everything that may be asked.
pub const QUESTIONS: [Question; 12] = [
    question("list", "list Vm", "id and name of every object of a type"),
    question("show", "show Vm id=ID", "every attribute of an object"),
    question("showversion", "showversion", "version of the Manager"),
    question("showobjtypes", "showobjtypes", "the types of objects"),
    question("showcustomcmds", "showcustomcmds Vm", "commands that only one type has"),
    question("showallcustomcmds", "showallcustomcmds", "the same of all types"),
    question("showclisession", "showclisession", "settings of the connection"),
    question("help", "help", "the commands there are"),
    question(
        "getVmCfgFileContent",
        "getVmCfgFileContent Vm id=ID",
        "the text of a VM’s vm.cfg",
    ),
    question("getManagerTime", "getManagerTime", "the Manager's clock"),
    question(
        "getVnicMacAddrRange",
        "getVnicMacAddrRange",
        "range of MAC addresses for new vNICs",
    ),
    question(
        "getEventsForObject",
        "getEventsForObject objType=Vm objId=ID",
        "events of an object",
    ),
];

/// What a Manager said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawAnswer {
    /// The command as it was sent.
    pub line: String,
    /// What the answer says of itself. Some commands answer without saying whether they succeeded.
    pub status: Status,
    /// The answer as it came.
    pub text: String,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

/// The command that the line says, if it only asks.
///
/// # Errors
/// [`ServiceError::Invalid`] for the field `line`, with the reason.
pub fn admit(line: &str) -> Result<Command, ServiceError> {
    let invalid = |why: ConsoleFlaw| ServiceError::invalid("line", why);
    if line.trim().is_empty() {
        return Err(invalid(ConsoleFlaw::NoCommand));
    }
    if line.contains(char::is_control) {
        return Err(invalid(ConsoleFlaw::ControlCharacter));
    }
    if line.contains(';') {
        return Err(invalid(ConsoleFlaw::Semicolon));
    }
    let command = Command::parse(line).map_err(|error| {
        let detail = error.to_string();
        invalid(ConsoleFlaw::NotACommand { detail })
    })?;
    if QUESTIONS.iter().any(|question| command.is(question.verb)) {
        return Ok(command);
    }
    Err(invalid(ConsoleFlaw::MayChange { verb: command.verb }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::say::{Language, Say};

    fn reason(line: &str) -> String {
        match admit(line) {
            Err(ServiceError::Invalid { field, why }) => {
                assert_eq!(field, "line");
                why.say(Language::En)
            }
            other => panic!("{line:?} was admitted: {other:?}"),
        }
    }

    #[test]
    fn every_question_is_admitted_as_it_is_written() {
        for question in QUESTIONS {
            let command = admit(question.form).unwrap();
            assert_eq!(ovm::ovmcli::render(&command).unwrap(), question.form);
        }
        assert!(admit("OVM> LIST vm").unwrap().is("list"));
    }

    #[test]
    fn what_changes_something_is_refused_by_name() {
        for verb in ["create", "delete", "stop", "edit", "refreshAll", "kill", "set", "exit"] {
            assert!(
                reason(&format!("{verb} Vm id=1")).starts_with(&format!("`{verb}` may change")),
                "{verb}"
            );
        }
    }

    #[test]
    fn a_second_command_cannot_ride_along() {
        assert!(reason("list Vm;delete Vm id=1").contains("semicolon"));
        assert!(reason("show Vm name=\"a;b\"").contains("by its ID"));
        for line in [
            "list Vm\ndelete Vm id=1",
            "list Vm\r",
            "list\u{1b}[2J Vm",
            "list\u{85}Vm",
        ] {
            assert!(reason(line).contains("control characters"), "{line:?}");
        }
        assert!(reason("  ").contains("Type a command"));
        assert!(reason("show Vm \"id=1").contains("not a valid command"));
    }
}
