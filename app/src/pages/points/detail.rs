//! One recovery point: what is in it and what is not, how sure we are, what can be done with it.

use super::actions::{RestoreForm, VerifyForm};
use crate::components::{
    Alert, Code, Id, PageHead, Sentences, Status, Table, Time, Tone, consistency_tone, page, point_status, somebody_can,
};
use crate::context;
use crate::form::Flash;
use crate::format;
use crate::link;
use crate::say;
use domain::actor::Permission;
use domain::error::ServiceError;
use domain::ids::PointId;
use domain::point::{Artefact, PointCopy, PointDisk, RecoveryPoint};
use domain::services::VmView;
use domain::target::Locations;
use leptos::prelude::*;
use plan::procedure::read_with_restic;

/// A recovery point's page.
#[component]
pub fn PointPage() -> impl IntoView {
    let id = PointId::new(context::param("point"));
    page(async move {
        let (actor, backend) = context::caller()?;
        let flash = Flash::read().await;
        let point = backend.catalogue.point(&actor, &id).await?;
        let machine = backend
            .estate
            .vm(&actor, &point.manifest.subject.manager, point.vm())
            .await;
        let team = backend.estate.team(&actor, &point.manifest.subject.at()).await?;
        let is_gone = matches!(machine, Err(ServiceError::NotFound { .. }));
        let may = |permission| actor.may(permission, team.as_ref());
        let restore = match may(Permission::RequestRestore) {
            true if is_gone && point.damage().is_none() => by_hand(&point, &backend.catalogue.targets(&actor).await?),
            true => {
                let form = view! { <RestoreForm point=point.clone() filled=flash.filled("restore")/> };
                in_place(&point, form.into_any())
            }
            false => in_place(&point, somebody_can(Permission::RequestRestore, "plan a restore")),
        };
        let verify = (may(Permission::RunBackup) || may(Permission::RequestRestore))
            .then(|| view! { <VerifyForm point=id.clone()/> });
        let files = may(Permission::DownloadArtefacts).then(|| downloads(&point));
        let names = machine.ok();
        let view = view! {
            <PageHead
                title=format!("Recovery point of {}", point.manifest.subject.name)
                flash
                above=vec![("/points".into(), "Recovery points".into())]
            />
            {limits(&point)}
            {facts(&point)}
            {disks(&point, names.as_ref())}
            {files}
            {restore}
            {verify}
        };
        Ok(view.into_any())
    })
}

/// What makes this point less than a whole machine.
fn limits(point: &RecoveryPoint) -> AnyView {
    let damaged = point.damage().map(|damage| {
        let sentence = say::say(damage);
        view! { <Alert tone=Tone::Danger title="Damaged, not offered for restore">{sentence}</Alert> }
    });
    let missing = say::each(&point.manifest.not_contained);
    let missing = (!missing.is_empty()).then(|| {
        view! { <Alert tone=Tone::Danger title="Not included"><Sentences sentences=missing/></Alert> }
    });
    view! { {damaged} {missing} }.into_any()
}

fn facts(point: &RecoveryPoint) -> AnyView {
    let manifest = &point.manifest;
    let machine = manifest.machine();
    let copies = point.copies.iter().map(copy).collect_view();
    view! {
        <dl class="facts">
            <dt>"VM"</dt>
            <dd>
                <a href=link::subject(&manifest.subject.at())>{manifest.subject.name.clone()}</a>
                " "
                <Id id=point.vm().as_str()/>
                " on "
                {manifest.manager_name.clone()}
            </dd>
            <dt>"Taken"</dt>
            <dd>{manifest.taken_at.display()} " (" <Time at=manifest.taken_at/> ")"</dd>
            <dt>"Consistency"</dt>
            <dd><Status tone=consistency_tone(machine.consistency) word=machine.consistency.title()/></dd>
            <dt>"Integrity check"</dt>
            <dd>{point_status(point.damage().is_some())} " " <Time at=point.verified_at()/></dd>
            <dt>"Policy"</dt>
            <dd>{manifest.policy.clone()} ", " {machine.method.title()}</dd>
            <dt>"Size"</dt>
            <dd>{format::bytes(point.size_bytes())} ", stored " {format::bytes(point.stored_bytes())}</dd>
            <dt>"Created by"</dt>
            <dd><a href=link::run(&manifest.run)>"run " {manifest.run.to_string()}</a></dd>
            <dt>"ID"</dt>
            <dd><Id id=manifest.point.as_str()/></dd>
            {copies}
        </dl>
    }
    .into_any()
}

/// One copy, by the id that restic knows it by; the first backup target needs no name.
fn copy(copy: &PointCopy) -> impl IntoView + use<> {
    let target = (!copy.target.is_first()).then(|| format!(" in backup target {}", copy.target));
    let damaged = copy.damaged.is_some().then_some(", damaged");
    view! {
        <dt>"ID in restic"</dt>
        <dd><Id id=copy.snapshot.clone()/> {target} {damaged}</dd>
    }
}

fn disks(point: &RecoveryPoint, machine: Option<&VmView>) -> AnyView {
    let rows: Vec<_> = point
        .manifest
        .disks()
        .iter()
        .map(|disk| disk_row(disk, machine))
        .collect();
    let columns = vec![
        "Slot#",
        "Disk",
        "Storage repository",
        "Size#",
        "Read#",
        "Stored#",
        "SHA-256",
    ];
    view! {
        <section>
            <h2>"Disks"</h2>
            <Table caption="Disks in this recovery point" columns>{rows}</Table>
        </section>
    }
    .into_any()
}

fn disk_row(disk: &PointDisk, machine: Option<&VmView>) -> AnyView {
    let repository = machine
        .and_then(|view| view.estate.estate.repository(&disk.repository))
        .map_or_else(
            || format::short_id(disk.repository.as_str()),
            |repository| repository.name.clone(),
        );
    view! {
        <tr>
            <td data-label="Slot" class="number">{disk.slot}</td>
            <td data-label="Disk">{disk.name.clone()} <span class="under"><Id id=disk.disk.as_str()/></span></td>
            <td data-label="Storage repository">{repository}</td>
            <td data-label="Size" class="number">{format::bytes(disk.size_bytes)}</td>
            <td data-label="Read" class="number">{format::bytes(disk.read_bytes)}</td>
            <td data-label="Stored" class="number">{format::bytes(disk.stored_bytes)}</td>
            <td data-label="SHA-256"><Id id=disk.sha256.clone()/></td>
        </tr>
    }
    .into_any()
}

fn downloads(point: &RecoveryPoint) -> AnyView {
    let id = &point.manifest.point;
    let defined = point.manifest.machine().vm.vm_cfg.is_some();
    let links: Vec<_> = Artefact::ALL
        .into_iter()
        .filter(|artefact| defined || *artefact != Artefact::VmCfg)
        .map(|artefact| {
            let what = match artefact {
                Artefact::VmCfg => "the definition as stored on the server",
                Artefact::RebuildScript => "OVMCLI commands that recreate the VM",
                Artefact::Manifest => "the description of this recovery point",
            };
            view! {
                <li>
                    <a href=link::artefact(id, artefact)>{artefact.file_name()}</a>
                    <span class="note">", " {what}</span>
                </li>
            }
        })
        .collect();
    let missing =
        (!defined).then(|| view! { <p class="note">"There is no vm.cfg, because the Manager did not print one."</p> });
    view! {
        <section>
            <h2>"Files"</h2>
            <ul class="plain">{links}</ul>
            {missing}
        </section>
    }
    .into_any()
}

/// The way back of a machine that the estate does not have any more.
fn by_hand(point: &RecoveryPoint, targets: &Locations) -> AnyView {
    let commands = read_with_restic(targets, point).join("\n");
    view! {
        <section>
            <h2>"Rebuild the VM"</h2>
            <p>
                "The VM is no longer in the estate, so its disks cannot be restored in place. Its rebuild script \
                 recreates it with empty disks."
            </p>
            <p>"On the host with the backup target, these commands extract its disks into files and print their \
                hashes, which must match those above:"</p>
            <Code text=commands what="commands"/>
            <p>
                "While the VM is stopped, replace the file of each new disk with the extracted one, on a server with \
                 the storage repository: "
                <code>"/OVS/Repositories/REPOSITORY/VirtualDisks/DISK"</code> ", with the IDs printed by " <code>"show VirtualDisk"</code> "."
            </p>
        </section>
    }
    .into_any()
}

/// The form of a restore, unless there can be none.
fn in_place(point: &RecoveryPoint, form: AnyView) -> AnyView {
    let content = if point.damage().is_some() {
        view! { <p>"A damaged recovery point cannot be restored. Choose another one of this VM."</p> }.into_any()
    } else {
        form
    };
    view! {
        <section>
            <h2>"Restore in place"</h2>
            {content}
        </section>
    }
    .into_any()
}
