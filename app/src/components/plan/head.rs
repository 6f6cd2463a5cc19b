//! What a plan is for, how dangerous it is, its hash.

use crate::components::{Code, Id, Sentences, Status, Time, risk_tone};
use crate::format;
use crate::link;
use crate::say;
use domain::document::PlanForm;
use domain::experience::Experience;
use domain::plan::{Plan, PlanHash, Purpose};
use leptos::prelude::*;

/// The facts at the top of a plan.
#[component]
pub fn PlanHead(
    plan: Plan,
    hash: PlanHash,
    /// Whether the reader may take it away.
    files: bool,
    /// What stands beside a plan that has not run: how long it will take.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let header = plan.header;
    let (subject, name) = (header.subject.at(), header.subject.name.clone());
    let id = subject.object.id().map(str::to_owned);
    view! {
        <dl class="facts">
            <dt>"VM"</dt>
            <dd>
                <a href=link::subject(&subject)>{name}</a>
                " "
                {id.map(|id| view! { <Id id=id.as_str()/> })}
            </dd>
            {purpose(header.purpose)}
            <dt>"Risk"</dt>
            <dd>
                <Status tone=risk_tone(header.risk.class) word=header.risk.class.title()/>
                <Sentences sentences=say::each(&header.risk.reasons)/>
            </dd>
            {children.map(|children| children())}
            <dt>"Planned"</dt>
            <dd>
                "by " {header.planned_by} ", " <Time at=header.planned_at/> ", from estate revision "
                {header.estate_revision}
            </dd>
            <dt>"Hash"</dt>
            <dd>
                <details class="hash" id="hash">
                    <summary>
                        <code>{hash.short().to_owned()}</code>
                    </summary>
                    <p>
                        "SHA-256 of the whole plan. An approval applies to this hash only, and exactly these bytes \
                         run."
                    </p>
                    <Code text=hash.as_str() what="hash"/>
                </details>
            </dd>
            {files.then(|| take_away(&hash))}
        </dl>
    }
}

/// The plan as files.
fn take_away(hash: &PlanHash) -> AnyView {
    let what = |form: PlanForm| match form {
        PlanForm::Text => "all of it, for print",
        PlanForm::Script => "the Manager’s commands, with the rest as comments",
    };
    let files: Vec<_> = PlanForm::ALL
        .into_iter()
        .map(|form| {
            view! {
                <li>
                    <a href=link::plan_file(hash, form)>{form.file_name()}</a>
                    <span class="note">", " {what(form)}</span>
                </li>
            }
        })
        .collect();
    view! {
        <dt>"Files"</dt>
        <dd><ul class="plain">{files}</ul></dd>
    }
    .into_any()
}

/// How long a plan will take, going by what past ones took.
#[component]
pub fn PlanDuration(
    /// What there is to go by.
    experience: Option<Experience>,
    /// What the plan is for.
    purpose: Purpose,
) -> impl IntoView {
    let (kind, waits) = match purpose {
        Purpose::Backup { .. } => ("backup", None),
        Purpose::RestoreInPlace { .. } => ("restore", Some(", plus the time until someone decides")),
    };
    let sentence = match experience {
        None => format!("not known yet: no {kind} of this VM has succeeded so far"),
        Some(it) if it.runs == 1 => {
            format!(
                "about {}, based on the last {kind} of this VM",
                format::duration(it.usual_millis)
            )
        }
        Some(it) => format!(
            "about {}; the last {} of this VM took {} to {}",
            format::duration(it.usual_millis),
            format::count(it.runs, kind),
            format::duration(it.shortest_millis),
            format::duration(it.longest_millis)
        ),
    };
    view! {
        <dt>"Expected duration"</dt>
        <dd>{sentence} {waits}</dd>
    }
}

fn purpose(purpose: Purpose) -> AnyView {
    match purpose {
        Purpose::Backup {
            method,
            policy,
            policy_name,
            ..
        } => view! {
            <dt>"Purpose"</dt>
            <dd>"Backup under " <a href=link::policy(&policy)>{policy_name}</a> ": " {method.title()}</dd>
        }
        .into_any(),
        Purpose::RestoreInPlace { point, taken_at, .. } => view! {
            <dt>"Purpose"</dt>
            <dd>
                "Replaces the VM’s disks with those of the "
                <a href=link::point(&point)>"recovery point"</a>
                " of "
                {taken_at.display()}
                " ("
                <Time at=taken_at/>
                ")"
            </dd>
        }
        .into_any(),
    }
}
