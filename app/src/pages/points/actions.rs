//! What can be done with a recovery point: check it again, plan a restore.

use crate::components::{CheckField, PostForm};
use crate::context;
use crate::form::{Done, Filled, Notice, Sent, finish, number};
use crate::format;
use crate::link;
use domain::error::{FormFlaw, ServiceError};
use domain::ids::PointId;
use domain::point::RecoveryPoint;
use domain::services::{Answer, RestoreOptions};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Options of an in-place restore.
#[component]
pub fn RestoreForm(point: RecoveryPoint, filled: Filled) -> impl IntoView {
    let kept = filled
        .value("slots")
        .map(|slots| slots.split(',').map(str::to_owned).collect::<Vec<_>>());
    let disks: Vec<_> = point
        .manifest
        .disks()
        .iter()
        .enumerate()
        .map(|(at, disk)| {
            let slot = disk.slot.to_string();
            let label = format!("Slot {slot}: {}, {}", disk.name, format::bytes(disk.size_bytes));
            let ticked = kept.as_ref().is_none_or(|kept| kept.contains(&slot));
            view! { <CheckField filled=filled.clone() name=format!("slots[{at}]") label value=slot ticked/> }
        })
        .collect();
    view! {
        <PostForm to=PlanRestore::url() hidden=vec![("point", point.manifest.point.to_string())]>
            <fieldset>
                <legend>"Disks to restore"</legend>
                {filled.problem("slots").map(|problem| view! { <p class="field-error">{problem}</p> })}
                {disks}
            </fieldset>
            <CheckField
                filled=filled.clone()
                name="accept_other_size"
                label="Restore a disk even if its size has changed"
            />
            <CheckField filled name="leave_stopped" label="Leave the VM stopped afterwards"/>
            <p class="field-help">"Creates the plan and shows it. Nothing is requested and nothing runs yet."</p>
            <button type="submit" class="button primary">"Plan the restore"</button>
        </PostForm>
    }
}

/// Reads the stored disks back now.
#[component]
pub fn VerifyForm(point: PointId) -> impl IntoView {
    view! {
        <section>
            <h2>"Integrity check"</h2>
            <PostForm to=VerifyPoint::url() hidden=vec![("point", point.to_string())]>
                <p class="field-help">"Reads all stored disks back and compares their hashes. Large disks take a while."</p>
                <button type="submit" class="button">"Check integrity now"</button>
            </PostForm>
        </section>
    }
}

/// Plans a restore and shows the plan.
#[server(prefix = "/fn", endpoint = "restores/plan")]
pub async fn plan_restore(
    #[server(default)] point: String,
    #[server(default)] slots: Vec<String>,
    #[server(default)] accept_other_size: String,
    #[server(default)] leave_stopped: String,
) -> Result<(), ServerFnError> {
    let id = PointId::new(point);
    let sent = Sent::new("restore", link::point(&id))
        .with("slots", &slots.join(","))
        .with("accept_other_size", &accept_other_size)
        .with("leave_stopped", &leave_stopped);
    finish(sent, async {
        let (actor, backend) = context::caller()?;
        let options = RestoreOptions {
            slots: chosen_slots(&slots)?,
            accept_other_size: accept_other_size == "on",
            leave_stopped: leave_stopped == "on",
        };
        let draft = backend.restores.plan(&actor, &id, &options).await?;
        Ok(Done::to(link::plan(&draft.hash)))
    })
    .await
}

/// No slot at all would mean every disk, which is the opposite of what the form shows.
fn chosen_slots(slots: &[String]) -> Answer<Vec<u32>> {
    if slots.is_empty() {
        return Err(ServiceError::invalid("slots", FormFlaw::NoDisk));
    }
    slots.iter().map(|slot| number("slots", slot)).collect()
}

/// Reads the stored disks back.
#[server(prefix = "/fn", endpoint = "points/verify")]
pub async fn verify_point(#[server(default)] point: String) -> Result<(), ServerFnError> {
    let id = PointId::new(point);
    let page = link::point(&id);
    finish(Sent::new("verify", &page), async {
        let (actor, backend) = context::caller()?;
        let verified = backend.catalogue.verify(&actor, &id).await?;
        let notice = match verified.damage() {
            None => Notice::Verified,
            Some(_) => Notice::VerifyFailed,
        };
        Ok(Done::to(&page).saying(notice))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::chosen_slots;

    #[test]
    fn no_ticked_disk_is_refused_and_not_taken_for_all() {
        assert!(chosen_slots(&[]).is_err());
        assert_eq!(chosen_slots(&["0".into(), "3".into()]), Ok(vec![0, 3]));
        assert!(chosen_slots(&["x".into()]).is_err());
    }
}
