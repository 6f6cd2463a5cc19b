//! Answers in the variants that the known Managers print, and in the ones that a broken connection leaves.

use super::*;
use proptest::prelude::*;

const SHOW: &str = "OVM> show vm id=7
Command: show vm id=7
Status: Success
Time: 2021-03-04 05:06:07,089 CET
Data: 
  Status = Stopped
  Memory (MB) = 2048
  VmDiskMapping 10 = m10  [Mapping for disk Id (b.img)]
  VmDiskMapping 2 = m2  [Mapping for disk Id (a.img)]
  Repository Id = r1  [repo [one]]
  Description = first line
second line = still the description
  Name = web
OVM> Connection closed.";

const LIST: &str = "OVM> list Vm
Command: list Vm
Status: Success
Time: 2021-03-04 05:06:07,089 CET
Data:
  id:7  name:web: (1)  x;
  id:8  name:db
OVM> ";

const LOCKED_ANSWER: &str = "OVM> edit Vm id=7 name=x
Command: edit Vm id=7 name=x
Error Msg: GEN_000029:Object a:00:01
of type Vm could not be modified as it was locked.
Status: who knows
Status: Failure
Time: 2021-03-04 05:06:07,089 CET
JobId: 1600000000001
OVM> ";

fn with_line_end(text: &str, end: &str) -> Vec<u8> {
    text.replace('\n', end).into_bytes()
}

fn only(bytes: &[u8]) -> Answer {
    let mut answers = parse_answers(bytes);
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

#[test]
fn show_in_every_line_end_and_chunking() {
    let expected = only(SHOW.as_bytes());
    assert_eq!((expected.status, expected.truncated), (Status::Success, false));
    assert_eq!(expected.time.as_deref(), Some("2021-03-04 05:06:07,089 CET"));
    assert_eq!(expected.properties.len(), 7);
    for end in ["\n\r", "\r\n", "\r"] {
        let bytes = with_line_end(SHOW, end);
        assert_eq!(only(&bytes), expected, "{end:?}");
        let mut parser = AnswerParser::new();
        bytes.chunks(1).for_each(|byte| parser.push(byte));
        assert_eq!(parser.finish(), std::slice::from_ref(&expected));
    }
}

#[test]
fn accessors_ignore_case_order_and_the_id_suffix() {
    let answer = only(SHOW.as_bytes());
    assert_eq!(answer.scalar("memory (mb)"), Some("2048"));
    assert_eq!(
        answer.scalar("Description"),
        Some("first line\nsecond line = still the description")
    );
    let repository = answer.reference("Repository").unwrap();
    assert_eq!((repository.id.as_str(), repository.name.as_str()), ("r1", "repo [one]"));
    let mappings: Vec<_> = answer
        .indexed("VmDiskMapping")
        .into_iter()
        .filter_map(Property::target)
        .collect();
    assert_eq!(
        mappings.iter().map(|mapping| mapping.id.as_str()).collect::<Vec<_>>(),
        ["m2", "m10"]
    );
    assert_eq!(answer.scalar("Server"), None);
}

#[test]
fn several_commands_of_one_request() {
    let text = format!(
        "{}\n{LIST}",
        SHOW.trim_end_matches("OVM> Connection closed.").trim_end()
    );
    let answers = parse_answers(&with_line_end(&text, "\n\r"));
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0].command.as_deref(), Some("show vm id=7"));
    assert_eq!(answers[1].items[0].name, "web: (1)  x;");
    let bare: Vec<_> = text.lines().filter(|line| !line.starts_with("OVM>")).collect();
    let answers = parse_answers(format!("{}\n", bare.join("\n")).as_bytes());
    assert_eq!(answers.len(), 2, "without prompts the Command lines separate");
    assert_eq!(answers[1].items.len(), 2);
}

#[test]
fn several_answers_behind_one_prompt() {
    let [show, list] = [SHOW, LIST].map(|text| text.split_once('\n').unwrap().1);
    let show = show.strip_suffix("OVM> Connection closed.").unwrap();
    let answers = parse_answers(format!("OVM> show vm id=7;list Vm\n{show}{list}").as_bytes());
    assert_eq!(answers.len(), 2);
    assert_eq!((answers[0].properties.len(), answers[1].items.len()), (7, 2));
    let note = SHOW.replace("second line", "Command: reboot");
    let description = "first line\nCommand: reboot = still the description";
    assert_eq!(only(note.as_bytes()).scalar("Description"), Some(description));
}

#[test]
fn answers_without_prompts_begin_with_any_header_line() {
    let time = "Time: 2021-03-04 05:06:07,089 CET\n";
    let text = format!(
        "Status: Success\n{time}Command: set OutputMode=Verbose\n\
         {time}Command: list Vm\nStatus: Success\nData:\n  id:7  name:web\n\
         Status: Failure\n{time}Command: stop Vm id=7\nError Msg: OVMAPI_5001E no\nCommand: ['x'] failed\nStatus: odd\n\
         Command: list Tag\nStatus: Success\n{time}Data:\n"
    );
    let answers = parse_answers(text.as_bytes());
    let commands = answers.iter().filter_map(|answer| answer.command.as_deref());
    let expected = ["set OutputMode=Verbose", "list Vm", "stop Vm id=7", "list Tag"];
    assert_eq!(commands.collect::<Vec<_>>(), expected);
    let (good, bad) = (Status::Success, Status::Failure);
    assert_eq!(
        answers.iter().map(|answer| answer.status).collect::<Vec<_>>(),
        [good, good, bad, good]
    );
    let message = &answers[2].error.as_ref().unwrap().message;
    assert_eq!(message, "OVMAPI_5001E no\nCommand: ['x'] failed\nStatus: odd");
    let data_first = "Data:\n  Name = a\nCommand: show x\nStatus: Success\n".repeat(2);
    assert_eq!(parse_answers(data_first.as_bytes()).len(), 2);
}

#[test]
fn failure_with_the_header_in_another_order() {
    let answer = only(&with_line_end(LOCKED_ANSWER, "\n\r"));
    assert_eq!(answer.status, Status::Failure);
    assert_eq!(answer.job_id.as_deref(), Some("1600000000001"));
    assert!(answer.is_locked());
    let error = answer.error.unwrap();
    assert_eq!(error.code.as_deref(), Some("GEN_000029"));
    let message = "GEN_000029:Object a:00:01\nof type Vm could not be modified as it was locked.\nStatus: who knows";
    assert_eq!(error.message, message);
}

#[test]
fn empty_lists_are_successes_without_items() {
    for data in ["Data:\n", "Data: \n  None\n", "Data: None\n", ""] {
        let text =
            format!("OVM> list Tag\nCommand: list Tag\nStatus: Success\nTime: 2021-01-01 00:00:00,0 CET\n{data}OVM> ");
        let answer = only(text.as_bytes());
        assert_eq!((answer.status, answer.items.len()), (Status::Success, 0), "{data:?}");
        assert!(answer.text.iter().all(|line| line.trim() == "None"), "{data:?}");
    }
}

#[test]
fn without_a_status_line_nothing_is_known() {
    let answer = only(b"OVM> frobnicate\nno such command\nOVM> ");
    assert_eq!((answer.status, answer.truncated), (Status::Unknown, false));
    assert_eq!(answer.text, ["no such command"]);
    let contradiction = SHOW.replace("Data:", "Error Msg: oops\nData:");
    assert_eq!(only(contradiction.as_bytes()).status, Status::Unknown);
}

#[test]
fn a_failure_with_its_text_is_one_even_without_a_time() {
    let locked = "Command: edit Vm id=7\nStatus: Failure\nError Msg: GEN_000029:Object locked\nby job 1\n";
    let answer = only(locked.as_bytes());
    assert_eq!((answer.status, answer.truncated), (Status::Failure, false));
    let text = answer.error.map(|error| error.message);
    assert_eq!(text.as_deref(), Some("GEN_000029:Object locked\nby job 1"));
    for unfinished in [
        "Command: edit Vm id=7\nStatus: Failure\n",
        "Command: edit Vm id=7\nStatus: Success\n",
        locked.trim_end(),
    ] {
        let answer = only(unfinished.as_bytes());
        assert_eq!(
            (answer.status, answer.truncated),
            (Status::Unknown, true),
            "{unfinished:?}"
        );
    }
}

#[test]
fn an_answer_with_data_is_whole_even_without_time_or_status() {
    let answer = only(b"Command: list Vm\nStatus: Success\nData:\n  id:7  name:web\n");
    assert_eq!((answer.status, answer.truncated), (Status::Success, false));
    let answer = only(b"Command: show Vm id=7\nData:\n  Name = web\n");
    assert_eq!((answer.status, answer.truncated), (Status::Unknown, false));
    let answer = only(b"Command: show Vm id=7\nData:\n");
    assert_eq!((answer.status, answer.truncated), (Status::Unknown, true));
    let (head, _) = SHOW.split_once("Data:").unwrap();
    assert!(only(head.as_bytes()).truncated, "a show without data");
    assert!(!only(head.replace("show", "start").as_bytes()).truncated);
    assert_eq!(only(b"OVM> list Vm\nCommand:").command.as_deref(), Some("list Vm"));
}

#[test]
fn errors_without_an_envelope() {
    let answer = only(b"Error Msg: no such verb\nat column 3\n");
    assert_eq!((answer.status, answer.truncated), (Status::Unknown, false));
    assert_eq!(answer.error.unwrap().message, "no such verb\nat column 3");
    let answer = only(b"OVM> edit Vm id=7\nGEN_000029:Object a = b:7\nof type Vm\nOVM> ");
    assert_eq!(answer.error.unwrap().message, "GEN_000029:Object a = b:7\nof type Vm");
    let answer = only(b"OVM> frobnicate\nExported DATA_2021 as asked\nOVM> ");
    assert_eq!(
        (answer.error, answer.text),
        (None, vec!["Exported DATA_2021 as asked".to_owned()])
    );
}

#[test]
fn the_closing_prompt_is_no_command() {
    for closing in [
        "",
        "EXIT",
        "Connection to m1 closed.",
        "Received disconnect from 192.0.2.9: 11: idle",
    ] {
        let answer = only(LIST.replace("\nOVM> ", &format!("\nOVM> {closing}")).as_bytes());
        assert_eq!((answer.status, answer.text), (Status::Success, vec![]), "{closing}");
    }
    let cut = (1.."Connection closed.".len()).map(|at| &"Connection closed."[..at]);
    for words in cut.chain(["EXIT\n", "Connection to m1 closed.\n"]) {
        let text = LIST.to_owned() + words;
        assert_eq!(only(text.as_bytes()), only(LIST.as_bytes()));
        let found = crate::ovmcli::inspect(text.as_bytes()).results;
        let kept = format!("OVM> {}", words.trim_end_matches('\n'));
        assert_eq!((found.len(), &found[0].text), (1, &vec![kept]));
    }
}

#[test]
fn data_in_other_layouts() {
    let stripped: Vec<_> = SHOW
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.contains("second"))
        .collect();
    let answer = only(
        stripped
            .join("\n")
            .replacen("Status: Success\n", "", 1)
            .replace("\nOVM> C", "\nStatus: Success\nOVM> C")
            .as_bytes(),
    );
    assert_eq!(
        (answer.status, answer.properties.len()),
        (Status::Success, 7),
        "without blanks, the status last"
    );
    let tabs = LIST.replace("  id:8", "\tid:8") + "exit";
    assert_eq!(only(tabs.as_bytes()).items.len(), 2);
    let mixed = SHOW.replace("second line = still the description", "  id:8  name:db\nNotes");
    let answer = only(mixed.as_bytes());
    assert_eq!(
        (answer.scalar("Description"), answer.text.as_slice()),
        (Some("first line"), ["Notes".to_owned()].as_slice())
    );
}

#[test]
fn help_on_a_command_is_text() {
    let answer = only(b"OVM> create Vm ?\n   *name\nHelpText: memory = MB\nOVM> ");
    assert_eq!(answer.text, ["   *name", "HelpText: memory = MB"]);
}

#[test]
fn a_broken_connection_needs_the_closing_prompt() {
    let text = LIST.strip_suffix("  id:8  name:db\nOVM> ").unwrap();
    assert_eq!(
        only(text.as_bytes()).status,
        Status::Success,
        "some version may not print a closing prompt"
    );
    let cut_off = |text: &str| {
        let mut parser = AnswerParser::new();
        parser.push(text.as_bytes());
        parser.finish_cut_off().remove(0)
    };
    assert_eq!((cut_off(text).status, cut_off(text).truncated), (Status::Unknown, true));
    assert_eq!(cut_off(LIST).status, Status::Success);
}

#[test]
fn documents_are_text() {
    let text = "OVM> getVmCfgFileContent Vm id=7\nCommand: getVmCfgFileContent Vm id=7\nStatus: Success\n\
                Time: 2021-01-01 00:00:00,0 CET\nData:\n  memory = 512\n  disk = ['a']\n\n  vcpus=1\nOVM> ";
    let answer = only(text.as_bytes());
    assert_eq!(answer.document(), "memory = 512\ndisk = ['a']\n\nvcpus=1\n");
    assert!(answer.properties.is_empty());
    assert_eq!(only(b"3.4.6.2105\n").text, ["3.4.6.2105"]);
    assert_eq!(only(b"3.4.6.2105\nOVM> ").text, ["3.4.6.2105"]);
    let with_banner = format!("Authorised use only\n{LIST}");
    assert_eq!(only(with_banner.as_bytes()), only(LIST.as_bytes()));
}

#[test]
fn a_warning_before_the_data_is_kept_beside_the_document() {
    let text = "Command: getVmCfgFileContent Vm id=7\nStatus: Success\nTime: 2021-03-04 05:06:07,089 CET\n\
                Warning: an event is open\nData:\n  memory = 512\n";
    let answer = only(text.as_bytes());
    assert_eq!(answer.text, ["Warning: an event is open", "  memory = 512"]);
    assert_eq!(answer.document(), "memory = 512\n");
}

proptest! {
    #[test]
    fn an_answer_cut_inside_a_line_is_truncated(text in prop_oneof![Just(SHOW), Just(LIST), Just(LOCKED_ANSWER)], at in 0_usize..400) {
        let bytes = with_line_end(text, "\n\r");
        let closing = bytes.len() - text.lines().last().unwrap_or_default().len();
        let cut = &bytes[..at.min(closing - 1)];
        let inside_a_line = !cut.ends_with(b"\n") && !cut.ends_with(b"\r");
        for answer in parse_answers(cut) {
            if inside_a_line {
                prop_assert!(answer.truncated);
            }
            prop_assert!(!(answer.truncated && answer.status != Status::Unknown));
        }
    }

    #[test]
    fn damaged_output_never_panics(at in 0_usize..500, with in prop::collection::vec(any::<u8>(), 0..6), size in 1_usize..40) {
        let mut bytes = [SHOW, LOCKED_ANSWER, LIST].join("\n").into_bytes();
        let at = at.min(bytes.len());
        bytes.splice(at..(at + with.len()).min(bytes.len()), with);
        let mut parser = AnswerParser::new();
        bytes.chunks(size).for_each(|part| parser.push(part));
        prop_assert_eq!(parser.finish(), parse_answers(&bytes));
    }
}
