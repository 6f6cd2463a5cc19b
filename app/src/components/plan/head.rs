//! What a plan is for, how dangerous it is, its hash.

use crate::components::{Code, Id, Sentences, Status, Time, risk_tone};
use crate::link;
use domain::plan::{Plan, PlanHash, Purpose};
use leptos::prelude::*;

/// The facts at the top of a plan.
#[component]
pub fn PlanHead(plan: Plan, hash: PlanHash) -> impl IntoView {
    let header = plan.header;
    let vm = link::vm(&header.manager, &header.vm);
    view! {
        <dl class="facts">
            <dt>"Machine"</dt>
            <dd>
                <a href=vm>{header.vm_name}</a>
                " "
                <Id id=header.vm.as_str()/>
            </dd>
            {purpose(header.purpose)}
            <dt>"Risk"</dt>
            <dd>
                <Status tone=risk_tone(header.risk.class) word=header.risk.class.title()/>
                <Sentences sentences=header.risk.reasons/>
            </dd>
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
                        "SHA-256 of the whole plan. An approval holds for this hash, and only these bytes run."
                    </p>
                    <Code text=hash.as_str() what="hash"/>
                </details>
            </dd>
        </dl>
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
                "Puts back the disks of the "
                <a href=link::point(&point)>"recovery point"</a>
                " of "
                {taken_at.display()}
                " ("
                <Time at=taken_at/>
                "), in the place of the machine's own"
            </dd>
        }
        .into_any(),
    }
}
