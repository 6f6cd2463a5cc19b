//! What must hold before a plan runs, and what it will not do.

use crate::components::{Alert, Sentences, Tone};
use crate::{format, say};
use domain::plan::Plan;
use leptos::prelude::*;

/// Limits, remarks and preconditions of a plan.
#[component]
pub fn PlanFacts(plan: Plan) -> impl IntoView {
    let header = plan.header;
    let missing = (!header.not_contained.is_empty()).then(|| {
        view! {
            <Alert tone=Tone::Danger title="Not included">
                <Sentences sentences=say::each(&header.not_contained)/>
            </Alert>
        }
    });
    let remarks = (!header.remarks.is_empty()).then(|| {
        view! {
            <Alert tone=Tone::Attention title="Remarks">
                <Sentences sentences=say::each(&header.remarks)/>
            </Alert>
        }
    });
    let facts = say::each(&plan.preconditions);
    view! {
        {missing}
        {remarks}
        <details class="fold" id="preconditions">
            <summary>
                "Preflight check: " {format::count(facts.len(), "condition")} " that must still be true at the start"
            </summary>
            <Sentences sentences=facts/>
            <p class="note">"If any of them is no longer true, the plan is void and nothing is changed. Plan again."</p>
        </details>
    }
}
