//! The estate of one Manager at a glance: when it was discovered, what changed, how much of what there is, and the tree.

use super::index::Index;
use super::{above, asked_for, tree};
use crate::components::{Alert, PageHead, Time, Tone, page};
use crate::context;
use crate::form::Flash;
use crate::format;
use crate::link;
use crate::pages::estate::list::unreadable;
use crate::pages::estate::refresh;
use crate::say;
use domain::actor::{Actor, Permission};
use domain::ids::ManagerId;
use domain::services::{Backend, EstateView, RevisionHead};
use leptos::prelude::*;
use ovm::estate::Kind;
use ovm::script::Scope;

/// The explorer.
#[component]
pub fn Explorer() -> impl IntoView {
    let manager = ManagerId::new(context::param("manager"));
    page(async move {
        let (actor, backend, view) = asked_for(&manager).await?;
        let flash = Flash::read().await;
        let news = news(&actor, &backend, &view).await;
        let index = Index::of(&view);
        let problem = view.manager.problem.as_ref().map(|problem| {
            let problem = say::say(problem);
            view! { <Alert tone=Tone::Attention title="The last discovery failed">{problem}</Alert> }
        });
        let mut above = above(&view);
        above.truncate(1);
        let view = view! {
            <PageHead title=view.manager.name.clone() flash above/>
            {problem}
            {facts(&view, news)}
            {ways(&actor, &manager)}
            <section>
                <h2>"Inventory"</h2>
                {counts(&manager, &index.counts())}
            </section>
            <section>
                <h2>"How it fits together"</h2>
                {tree::trees(&manager, &index)}
            </section>
            {unreadable(&view.estate)}
        };
        Ok(view.into_any())
    })
}

fn facts(view: &EstateView, news: AnyView) -> AnyView {
    view! {
        <dl class="facts">
            <dt>"Oracle VM Manager"</dt>
            <dd>{view.estate.version.clone()} " at " {view.manager.host.clone()}</dd>
            <dt>"Discovered"</dt>
            <dd><Time at=view.taken_at/> ", revision " {view.revision}</dd>
            <dt>"Changes"</dt>
            <dd>{news}</dd>
        </dl>
    }
    .into_any()
}

/// What the newest discovery that found a change has found.
async fn news(actor: &Actor, backend: &Backend, view: &EstateView) -> AnyView {
    let manager = &view.manager.id;
    let revisions = backend.estate.revisions(actor, manager).await.unwrap_or_default();
    let Some((old, new)) = newest_change(&revisions) else {
        return "none since the first discovery".into_any();
    };
    let address = link::difference(manager, old.number, new.number);
    let changes = backend
        .estate
        .revision_difference(actor, manager, old.number, new.number)
        .await;
    let settings = changes.map(|changes| changes.iter().filter(|change| !change.volatile).count());
    let words = match settings {
        Ok(0) => "Only running state and free space".to_owned(),
        Ok(count) => format::count(count, "change"),
        Err(_) => "Changes".to_owned(),
    };
    view! { <a href=address>{words} " since revision " {old.number}</a> ", " <Time at=old.taken_at/> }.into_any()
}

/// The newest revision with another content than the one before it, after that one.
pub fn newest_change(revisions: &[RevisionHead]) -> Option<(&RevisionHead, &RevisionHead)> {
    let changed = |pair: &&[RevisionHead]| matches!(pair, [new, _] if new.same_as.is_none());
    match revisions.windows(2).find(changed)? {
        [new, old] => Some((old, new)),
        _ => None,
    }
}

fn ways(actor: &Actor, manager: &ManagerId) -> AnyView {
    let refresh = refresh(actor, manager, link::estate(manager));
    let script = rebuild_script(actor, manager, &Scope::Estate);
    view! {
        <div class="ways">
            <a class="button" href=link::objects(manager, Kind::Vm)>"VMs"</a>
            <a class="button" href=link::revisions(manager)>"Revisions"</a>
            {script}
            {refresh}
        </div>
    }
    .into_any()
}

/// The way to a script of many machines, for those who see the machines of all teams.
pub fn rebuild_script(actor: &Actor, manager: &ManagerId, scope: &Scope) -> Option<AnyView> {
    actor.may(Permission::ViewEstate, None).then(|| {
        let address = link::script(manager, scope);
        view! { <a class="button" href=address>"Rebuild script"</a> }.into_any()
    })
}

fn counts(manager: &ManagerId, counts: &[(Kind, usize)]) -> AnyView {
    // There is always one Manager, and it is this page.
    let items: Vec<_> = counts
        .iter()
        .filter(|(kind, _)| *kind != Kind::Manager)
        .map(|(kind, count)| {
            view! {
                <li>
                    <a href=link::objects(manager, *kind)>
                        <span class="number">{format::thousands(*count)}</span>
                        <span>{kind.heading()}</span>
                    </a>
                </li>
            }
        })
        .collect();
    view! { <ul class="counts">{items}</ul> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Timestamp;

    fn revision(number: i64, same_as: Option<i64>) -> RevisionHead {
        RevisionHead {
            number,
            taken_at: Timestamp(number),
            counts: Vec::new(),
            same_as,
        }
    }

    #[test]
    fn the_newest_change_lies_before_the_revisions_that_repeat_it() {
        let numbers = |revisions: &[RevisionHead]| newest_change(revisions).map(|(old, new)| (old.number, new.number));
        let revisions = [
            revision(9, Some(7)),
            revision(7, None),
            revision(4, Some(2)),
            revision(2, None),
        ];
        assert_eq!(numbers(&revisions), Some((4, 7)));
        assert_eq!(numbers(&revisions[2..]), None);
        assert_eq!(numbers(&[]), None);
    }
}
