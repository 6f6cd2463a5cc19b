//! Recovery points as rows.

use super::{Id, Status, Time, consistency_tone, point_status};
use crate::format;
use crate::link;
use crate::listing::{Column, plain, row_link};
use domain::point::RecoveryPoint;
use leptos::prelude::*;

/// A few recovery points, newest first.
#[component]
pub fn PointTable(
    /// What they are.
    #[prop(into)]
    caption: String,
    /// The points.
    points: Vec<RecoveryPoint>,
    /// Show which machine each is of.
    #[prop(default = true)]
    machine: bool,
) -> impl IntoView {
    let skipped = usize::from(!machine);
    let columns = point_columns().into_iter().skip(skipped).collect();
    plain(caption, columns, &points)
}

/// What a table says of a recovery point; first of which machine it is.
pub fn point_columns() -> Vec<Column<'static, RecoveryPoint>> {
    vec![
        Column::new("machine", "Machine", machine).by(|point: &RecoveryPoint| point.manifest.vm.name.clone()),
        Column::new("taken", "Taken", taken).by(|point: &RecoveryPoint| point.manifest.taken_at),
        Column::new("disks", "Disks", |point: &RecoveryPoint| {
            point.manifest.disks.len().into_any()
        })
        .by(|point| point.manifest.disks.len())
        .number(),
        Column::new("size", "Size", |point: &RecoveryPoint| {
            format::bytes(point.size_bytes()).into_any()
        })
        .by(RecoveryPoint::size_bytes)
        .number(),
        Column::new("stored", "Stored", |point: &RecoveryPoint| {
            format::bytes(point.stored_bytes()).into_any()
        })
        .by(RecoveryPoint::stored_bytes)
        .number(),
        Column::new("consistency", "Consistency", consistency).by(|point| point.manifest.consistency.title()),
        Column::new("checked", "Checked", |point| point_status(point).into_any()).by(|point| point.verified_at),
        Column::new("policy", "Policy", |point: &RecoveryPoint| {
            point.manifest.policy.clone().into_any()
        })
        .by(|point| point.manifest.policy.clone()),
        Column::new("id", "Id", |point: &RecoveryPoint| {
            view! { <Id id=point.manifest.point.as_str()/> }.into_any()
        })
        .by(|point| point.manifest.point.to_string()),
    ]
}

fn machine(point: &RecoveryPoint) -> AnyView {
    let manifest = &point.manifest;
    let address = link::vm(&manifest.manager, &manifest.vm.id);
    view! { <a href=address>{manifest.vm.name.clone()}</a> }.into_any()
}

fn taken(point: &RecoveryPoint) -> AnyView {
    let at = point.manifest.taken_at;
    let time = row_link(link::point(&point.manifest.point), view! { <Time at/> });
    view! { {time} <span class="under">{at.display()}</span> }.into_any()
}

fn consistency(point: &RecoveryPoint) -> AnyView {
    let consistency = point.manifest.consistency;
    view! { <Status tone=consistency_tone(consistency) word=consistency.title()/> }.into_any()
}
