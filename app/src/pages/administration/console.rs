//! The console: asks a Manager by hand and shows its answer as it came. It only reads, so the question is part of the
//! address: it can be linked and asked again.

use crate::components::{Alert, Code, Empty, ErrorCode, PageHead, SelectField, Status, Table, TextField, Tone, page};
use crate::context;
use crate::form::Filled;
use crate::link;
use crate::say::say;
use domain::actor::{Actor, Permission};
use domain::console::{QUESTIONS, RawAnswer};
use domain::enrolment::ManagerView;
use domain::error::ServiceError;
use domain::ids::ManagerId;
use domain::services::{Answer, Backend};
use leptos::prelude::*;
use ovm::ovmcli;

/// Characters of an answer that a page shows.
const SHOWN: usize = 200_000;

/// The console.
#[component]
pub fn Console() -> impl IntoView {
    let (manager, line) = (context::query("manager"), context::query("line"));
    page(async move {
        let (actor, backend) = context::caller()?;
        actor.require(Permission::Administer, None)?;
        let managers = backend.estate.managers(&actor).await?;
        let content = match managers.first() {
            None => view! { <Empty><p>"No Manager is enrolled. Enrol one to use its console."</p></Empty> }.into_any(),
            Some(first) => {
                let manager = manager.map_or_else(|| first.id.clone(), ManagerId::new);
                asked(&actor, &backend, managers, manager, line).await
            }
        };
        let view = view! {
            <PageHead
                title="Console"
                lead="Send a command to a Manager and see its raw answer. Only read-only commands are sent; each one \
                    is recorded in the audit trail."
                above=vec![("/administration".into(), "Administration".into())]
            />
            {content}
            {questions()}
        };
        Ok(view.into_any())
    })
}

async fn asked(
    actor: &Actor,
    backend: &Backend,
    managers: Vec<ManagerView>,
    manager: ManagerId,
    line: Option<String>,
) -> AnyView {
    let answer = match &line {
        Some(line) => Some(backend.estate.ask(actor, &manager, line).await),
        None => None,
    };
    let invalid = match &answer {
        Some(Err(ServiceError::Invalid { field, why })) => Some((field.clone(), why.clone())),
        _ => None,
    };
    let values = [("manager", manager.to_string()), ("line", line.unwrap_or_default())];
    let filled = Filled::asked("console", values, invalid);
    view! { {form(managers, filled)} {answer.map(outcome)} }.into_any()
}

fn form(managers: Vec<ManagerView>, filled: Filled) -> AnyView {
    let options = managers
        .into_iter()
        .map(|manager| (manager.id.to_string(), manager.name))
        .collect();
    view! {
        <form method="get" action=link::CONSOLE class="form console">
            <SelectField filled=filled.clone() name="manager" label="Manager" options/>
            <TextField filled name="line" label="Command" help="One line, for example: list Vm"/>
            <button type="submit" class="button primary">"Send"</button>
        </form>
    }
    .into_any()
}

fn outcome(answer: Answer<RawAnswer>) -> AnyView {
    match answer {
        Ok(answer) => shown(answer),
        // Stands at the field.
        Err(ServiceError::Invalid { .. }) => ().into_any(),
        Err(error) => {
            view! { <Alert tone=Tone::Danger title="No answer">{say(&error)}<ErrorCode code=error.code()/></Alert> }
                .into_any()
        }
    }
}

fn shown(answer: RawAnswer) -> AnyView {
    let (tone, word) = match answer.status {
        ovmcli::Status::Success => (Tone::Good, "Success"),
        ovmcli::Status::Failure => (Tone::Danger, "Failure"),
        ovmcli::Status::Unknown => (Tone::Unknown, "Neither success nor failure"),
    };
    let lines = answer.text.lines().count();
    let text: String = answer.text.chars().take(SHOWN).collect();
    let cut = (text.len() < answer.text.len()).then(|| {
        view! {
            <Alert tone=Tone::Attention>
                "The answer is too long for this page; only its beginning is shown. Query single objects to see the \
                 rest."
            </Alert>
        }
    });
    view! {
        <section id="answer">
            <h2>"Answer"</h2>
            <p class="page-facts">
                <code>{answer.line}</code>
                <Status tone word/>
                <span class="note">{crate::format::count(lines, "line")} " in " {answer.millis} " ms"</span>
            </p>
            {cut}
            <Code text what="answer"/>
        </section>
    }
    .into_any()
}

fn questions() -> AnyView {
    let rows: Vec<_> = QUESTIONS
        .into_iter()
        .map(|question| {
            view! {
                <tr>
                    <td data-label="Command"><code>{question.form}</code></td>
                    <td data-label="Returns">{question.answers}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <section>
            <h2>"Available commands"</h2>
            <Table caption="Commands the console sends" columns=vec!["Command", "Returns"]>{rows}</Table>
        </section>
    }
    .into_any()
}
