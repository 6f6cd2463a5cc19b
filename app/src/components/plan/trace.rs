//! What happened to a step: outcome, time, bytes, the answer; and the same for its undo.

use crate::components::{Status, Tone, outcome_tone};
use crate::format;
use crate::say;
use domain::note::Note;
use domain::run::{JournalEntry, Phase, RunDetail};
use leptos::prelude::*;

/// What the journal says about one step.
#[derive(Clone)]
pub struct Trace {
    /// The newest line of the step itself.
    forward: Option<JournalEntry>,
    /// The newest line of its undo.
    undo: Option<JournalEntry>,
    /// The run has not ended, so what is missing may still come.
    open: bool,
}

impl Trace {
    /// The part of the journal that is about this step.
    pub fn of(run: &RunDetail, step: &str) -> Self {
        let newest = |phase: Phase| {
            let mut lines = run.journal.iter().rev();
            lines.find(|entry| entry.step == step && entry.phase == phase).cloned()
        };
        Self {
            forward: newest(Phase::Forward),
            undo: newest(Phase::Undo),
            open: !run.summary.state.is_over(),
        }
    }

    /// Whether it is being done or undone now.
    pub fn is_under_way(&self) -> bool {
        let open = |entry: &Option<JournalEntry>| entry.as_ref().is_some_and(|entry| entry.outcome.is_none());
        self.open && (open(&self.forward) || open(&self.undo))
    }
}

/// What happened, below the step.
#[component]
pub fn StepTrace(step: String, trace: Trace) -> impl IntoView {
    let under_way = trace.is_under_way();
    let line = |name: &'static str, entry: Option<JournalEntry>| {
        entry.map(|entry| view! { <Line name step=step.clone() entry open=trace.open/> })
    };
    let nothing = (trace.forward.is_none() && trace.undo.is_none()).then(|| {
        let word = if trace.open { "Not started" } else { "Not reached" };
        view! { <p class="trace-line"><Status tone=Tone::Quiet word/></p> }
    });
    let progress = under_way.then(|| {
        view! {
            <div class="progress" id=format!("progress-{step}") hidden=true>
                <progress aria-label="Bytes copied"></progress>
                <span></span>
            </div>
        }
    });
    view! {
        <div class="trace">
            {nothing}
            {line("", trace.forward.clone())}
            {line("Undo", trace.undo.clone())}
            {progress}
        </div>
    }
}

/// A learned value longer than this is not shown.
const LONGEST_VALUE: usize = 160;

#[component]
fn Line(name: &'static str, step: String, entry: JournalEntry, open: bool) -> impl IntoView {
    let status = match entry.outcome {
        Some(outcome) => view! { <Status tone=outcome_tone(outcome) word=outcome.title()/> },
        None if open => view! { <Status tone=Tone::Running word="In progress"/> },
        None => view! { <Status tone=Tone::Unknown word="Interrupted"/> },
    };
    let took = entry.ended_at.map(|end| end.0.saturating_sub(entry.started_at.0));
    let amount = entry
        .bytes
        .map(|bytes| view! { <span class="trace-fact">{amount(bytes, took)}</span> });
    // What the engine keeps for itself, a whole definition for example, is no reading matter.
    let readable = |(_, value): &(&String, &String)| value.chars().count() <= LONGEST_VALUE;
    let learned: Vec<_> = entry
        .learned
        .0
        .iter()
        .filter(readable)
        .map(|(name, value)| view! { <li><code>{name.clone()} " = " {value.clone()}</code></li> })
        .collect();
    let learned = (!learned.is_empty()).then(|| view! { <ul class="learned">{learned}</ul> });
    view! {
        <div class="trace-line">
            {(!name.is_empty()).then(|| view! { <span class="trace-name">{name}</span> })}
            {status}
            <time class="trace-fact" datetime=entry.started_at.iso() title=entry.started_at.display()>
                {format::time_of_day(entry.started_at)}
            </time>
            {took.map(|took| view! { <span class="trace-fact">{format::duration(took)}</span> })}
            {amount}
        </div>
        {notes(&entry.notes)}
        {answer(name, &step, entry.observed)}
        {learned}
    }
}

/// How much was moved, and how fast when it took long enough to tell.
fn amount(bytes: u64, took: Option<i64>) -> String {
    match took.and_then(|took| u64::try_from(took).ok()).filter(|took| *took > 0) {
        Some(took) => {
            let rate = u128::from(bytes) * 1000 / u128::from(took);
            format!(
                "{}, {}",
                format::bytes(bytes),
                format::rate(u64::try_from(rate).unwrap_or(u64::MAX))
            )
        }
        None => format::bytes(bytes),
    }
}

/// What was found and done, one line each.
fn notes(notes: &[Note]) -> Vec<AnyView> {
    let line = |said| view! { <p class="answer">{said}</p> }.into_any();
    say::each(notes).into_iter().map(line).collect()
}

/// A sentence stands as it is; a long answer of a machine is folded.
fn answer(name: &str, step: &str, observed: String) -> Option<AnyView> {
    let observed = observed.trim().to_owned();
    if observed.is_empty() {
        return None;
    }
    if observed.lines().count() == 1 && observed.chars().count() <= 160 {
        return Some(view! { <p class="answer">{observed}</p> }.into_any());
    }
    let id = format!("answer-{name}-{step}");
    let fold = view! {
        <details class="step-fold" id=id>
            <summary>"Answer, " {format::count(observed.lines().count(), "line")}</summary>
            <pre tabindex="0" role="group" aria-label="Answer">{observed}</pre>
        </details>
    };
    Some(fold.into_any())
}
