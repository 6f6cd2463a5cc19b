//! Recovery points as rows.

use super::{Id, Status, Table, Time, consistency_tone, point_status};
use crate::format;
use crate::link;
use domain::point::RecoveryPoint;
use leptos::prelude::*;

/// A table of recovery points.
#[component]
pub fn PointTable(
    /// What they are.
    #[prop(into)]
    caption: String,
    /// The points, newest first.
    points: Vec<RecoveryPoint>,
    /// Show which machine each is of.
    #[prop(default = true)]
    machine: bool,
) -> impl IntoView {
    let rows: Vec<_> = points.into_iter().map(|point| row(point, machine)).collect();
    let mut columns = vec![
        "Taken",
        "Disks#",
        "Size#",
        "Stored#",
        "Consistency",
        "Checked",
        "Policy",
        "Id",
    ];
    if machine {
        columns.insert(0, "Machine");
    }
    view! { <Table caption columns filterable=true>{rows}</Table> }
}

fn row(point: RecoveryPoint, machine: bool) -> AnyView {
    let address = link::point(&point.manifest.point);
    let checked = point_status(&point);
    let (size, stored) = (format::bytes(point.size_bytes()), format::bytes(point.stored_bytes()));
    let manifest = point.manifest;
    let vm = machine.then(|| {
        let address = link::vm(&manifest.manager, &manifest.vm.id);
        view! { <td data-label="Machine"><a href=address>{manifest.vm.name.clone()}</a></td> }
    });
    view! {
        <tr>
            {vm}
            <td data-label="Taken">
                <a href=address><Time at=manifest.taken_at/></a>
                <span class="under">{manifest.taken_at.display()}</span>
            </td>
            <td data-label="Disks" class="number">{manifest.disks.len()}</td>
            <td data-label="Size" class="number">{size}</td>
            <td data-label="Stored" class="number">{stored}</td>
            <td data-label="Consistency">
                <Status tone=consistency_tone(manifest.consistency) word=manifest.consistency.title()/>
            </td>
            <td data-label="Checked">{checked}</td>
            <td data-label="Policy">{manifest.policy}</td>
            <td data-label="Id"><Id id=manifest.point.as_str()/></td>
        </tr>
    }
    .into_any()
}
