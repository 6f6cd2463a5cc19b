//! States of things: always a shape, a word and a colour, so that none of them has to be seen.

use domain::plan::RiskClass;
use domain::point::Consistency;
use domain::request::RequestState;
use domain::run::{Outcome, RunState};
use leptos::prelude::*;
use ovm::estate::VmState;

/// The few meanings that colours have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Somebody should look.
    Attention,
    /// Not protected, failed, or destructive.
    Danger,
    /// Under way.
    Running,
    /// Not known.
    Unknown,
    /// Waits for a person.
    Held,
    /// A fact without judgement.
    Quiet,
}

impl Tone {
    /// The name in the style sheet.
    pub fn key(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Attention => "attention",
            Self::Danger => "danger",
            Self::Running => "running",
            Self::Unknown => "unknown",
            Self::Held => "held",
            Self::Quiet => "quiet",
        }
    }

    /// Its shape in a field of 12 by 12, as an SVG path: tick, triangle, cross, arrow, question mark, pause, ring.
    fn shape(self) -> &'static str {
        match self {
            Self::Good => "M2 6.5 5 9.5 10.5 3",
            Self::Attention => "M6 1.5 11 10.5H1Z M6 5v2.2 M6 8.6v.4",
            Self::Danger => "M2.5 2.5l7 7 M9.5 2.5l-7 7",
            Self::Running => "M3.5 2 10 6 3.5 10Z",
            Self::Unknown => "M3.8 4.2a2.2 2.2 0 1 1 3.3 2C6.3 6.7 6 7 6 7.8 M6 10v.2",
            Self::Held => "M4 2.5v7 M8 2.5v7",
            Self::Quiet => "M6 2.2a3.8 3.8 0 1 0 .01 0Z",
        }
    }
}

/// A state as shape, word and colour.
#[component]
pub fn Status(tone: Tone, #[prop(into)] word: String) -> impl IntoView {
    view! {
        <span class="status" data-tone=tone.key()>
            <svg class="status-shape" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
                <path d=tone.shape()></path>
            </svg>
            <span>{word}</span>
        </span>
    }
}

/// The state of a run.
pub fn run_status(state: RunState) -> AnyView {
    let tone = match state {
        RunState::Queued => Tone::Quiet,
        RunState::Running | RunState::RollingBack => Tone::Running,
        RunState::Waiting => Tone::Held,
        RunState::Succeeded => Tone::Good,
        RunState::RolledBack | RunState::Cancelled | RunState::Missed => Tone::Attention,
        RunState::Failed => Tone::Danger,
        RunState::NeedsOperator => Tone::Unknown,
    };
    view! { <Status tone word=state.title()/> }.into_any()
}

/// The state of a request.
pub fn request_status(state: RequestState) -> AnyView {
    let tone = match state {
        RequestState::Pending => Tone::Held,
        RequestState::Approved => Tone::Good,
        RequestState::Vetoed | RequestState::Void => Tone::Danger,
        RequestState::Missed => Tone::Attention,
        RequestState::Expired | RequestState::Withdrawn => Tone::Quiet,
    };
    view! { <Status tone word=state.title()/> }.into_any()
}

/// The state of a machine.
pub fn vm_status(state: &VmState) -> AnyView {
    let (tone, word) = match state {
        VmState::Running => (Tone::Running, "Running"),
        VmState::Stopped => (Tone::Quiet, "Stopped"),
        VmState::Suspended => (Tone::Held, "Suspended"),
        VmState::Template => (Tone::Quiet, "Template"),
        VmState::Other(printed) => (Tone::Unknown, printed.as_str()),
    };
    view! { <Status tone word/> }.into_any()
}

/// How sure a recovery point is; `damaged` as in [`domain::point::RecoveryPoint`].
pub fn point_status(is_damaged: bool) -> AnyView {
    if is_damaged {
        view! { <Status tone=Tone::Danger word="Damaged"/> }.into_any()
    } else {
        view! { <Status tone=Tone::Good word="Passed"/> }.into_any()
    }
}

/// The colour of an outcome.
pub fn outcome_tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Done | Outcome::AlreadyThere => Tone::Good,
        Outcome::Skipped => Tone::Quiet,
        Outcome::Failed => Tone::Danger,
        Outcome::Unknown => Tone::Unknown,
    }
}

/// The colour of a risk.
pub fn risk_tone(class: RiskClass) -> Tone {
    match class {
        RiskClass::Low => Tone::Good,
        RiskClass::Interrupting => Tone::Attention,
        RiskClass::Replacing => Tone::Danger,
    }
}

/// The colour of a consistency.
pub fn consistency_tone(consistency: Consistency) -> Tone {
    match consistency {
        Consistency::Stopped => Tone::Good,
        Consistency::CrashConsistent => Tone::Quiet,
        Consistency::CrashConsistentPerDisk => Tone::Attention,
    }
}
