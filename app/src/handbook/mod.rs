//! The disaster recovery handbook as one HTML file that needs nothing else: no script, no font, no network. It is read on
//! paper as often as on a screen.

mod inventory;
mod machines;
mod parts;
mod procedures;

use crate::components::escape::escaped;
use crate::format::count;
use domain::handbook::Handbook;
use leptos::prelude::*;
use parts::{facts, section};

const STYLE: &str = include_str!("../../../style/handbook.css");

/// The whole document.
pub fn html(handbook: &Handbook) -> String {
    let title = format!("Disaster recovery handbook: {}", handbook.subject);
    let body = view! {
        <main>
            {cover(handbook, title.clone())} {contents(handbook)} {procedures::all(handbook)} {inventory::all(handbook)}
            {machines::all(handbook)} {procedures::scripts(handbook)}
        </main>
    };
    let head = escaped(&title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{head}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>{}</body>\n</html>\n",
        body.to_html()
    )
}

fn cover(handbook: &Handbook, title: String) -> impl IntoView {
    let manager = &handbook.manager;
    let located: Vec<&str> = handbook.targets.all().map(|(_, location)| location).collect();
    let unprotected = handbook.chapters.iter().filter(|chapter| chapter.newest.is_none());
    let mut rows = vec![
        (
            "Manager",
            format!("{} at {}, port {}", manager.name, manager.host, manager.port),
        ),
        ("Version", handbook.estate.version.clone()),
        (
            "UUID of the Manager",
            handbook.estate.manager_uuid.clone().unwrap_or_else(|| "unknown".into()),
        ),
        ("Host key of the Manager", manager.fingerprint.clone()),
        (
            "Estate revision",
            format!("{}, discovered {}", handbook.revision, handbook.taken_at.display()),
        ),
        (
            "This edition",
            format!("created {} by {}", handbook.made_at.display(), handbook.made_by),
        ),
        ("Backup target", located.join(", ")),
        (
            "VMs and templates",
            format!(
                "{}, {} of them without a usable recovery point",
                handbook.chapters.len(),
                unprotected.count()
            ),
        ),
    ];
    rows.extend(
        handbook
            .audit
            .as_ref()
            .map(|(number, hash)| ("Newest audit entry", format!("{number}, {hash}"))),
    );
    view! {
        <header>
            <p class="product">"Holdfast"</p>
            <h1>{title}</h1>
            <p>
                "This document works without Holdfast and without the Manager. All it needs is the files of its \
                 package, a copy of the backup target with its password, and stock restic. Keep it where the disaster \
                 cannot reach it, and replace it whenever the estate changes."
            </p>
            {facts(rows)}
        </header>
    }
}

fn contents(handbook: &Handbook) -> impl IntoView {
    let procedures = handbook
        .procedures
        .iter()
        .enumerate()
        .map(|(number, procedure)| (format!("procedure-{number}"), crate::say::say(&procedure.disaster)));
    let fixed = [
        ("inventory", "Inventory"),
        ("protection", "What is protected, and what is not"),
        ("order", "Recovery order"),
        ("identity", "WWIDs and UUIDs"),
        ("restic", "Reading the backup target without Holdfast"),
    ];
    let fixed = fixed.map(|(anchor, title)| (anchor.to_owned(), title.to_owned()));
    let machines = handbook
        .chapters
        .iter()
        .map(|chapter| (machines::anchor(&chapter.vm), format!("{} is lost", chapter.vm.name)));
    let scripts = [("scripts".to_owned(), count(handbook.scripts.len(), "rebuild script"))];
    let links: Vec<_> = procedures
        .chain(machines)
        .chain(fixed)
        .chain(scripts)
        .map(|(anchor, title)| view! { <li><a href=format!("#{anchor}")>{title}</a></li> })
        .collect();
    section("contents", "Contents", view! { <ul class="contents">{links}</ul> })
}
