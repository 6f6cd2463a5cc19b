//! The explorer, the revisions, the search, the handbook's page and the console.

use crate::estate::{self, SLOT};
use crate::plans;
use crate::site::Site;
use axum::http::StatusCode;
use domain::actor::Role;
use domain::run::RunState;

fn viewer() -> Site {
    Site::of(&[Role::Viewer])
}

#[tokio::test]
async fn the_explorer_counts_hangs_together_and_says_what_changed_last() {
    let text = viewer().text("/estate/m1").await;
    assert!(text.contains("href=\"/estate/m1/objects/VirtualDisk\""));
    assert!(text.contains("2 changes") && text.contains("/estate/m1/revisions/difference?from=5&amp;to=7"));
    let (server, machine) = (text.find(">ovs1</a>").unwrap(), text.find(">slot011</a>").unwrap());
    assert!(server < machine, "machines stand below the server they run on");
    assert!(text.contains("<summary>2 VMs</summary>"));
}

#[tokio::test]
async fn a_port_in_no_network_stands_below_its_server() {
    let text = viewer().text("/estate/m1").await;
    let networks = text.split("<h3>Networks</h3>").nth(1).unwrap();
    let place = |name: &str| {
        networks
            .find(&format!(">{name}</a>"))
            .unwrap_or_else(|| panic!("{name} is lost"))
    };
    let places = ["Network One", "eth0", "ovs1", "eth1"].map(place);
    assert!(places.is_sorted(), "{places:?}");
}

#[tokio::test]
async fn an_object_shows_what_it_says_and_who_refers_to_it_both_ways() {
    let mut site = viewer();
    let disk = site.text("/estate/m1/objects/VirtualDisk/disk1.img").await;
    assert!(disk.contains("<dt>Size</dt>") && disk.contains("12 GiB"));
    assert!(disk.contains("href=\"/estate/m1/objects/Repository/repo1\""));
    assert!(disk.contains("href=\"/estate/m1/objects/VmDiskMapping/map1\""));
    let repository = site.text("/estate/m1/objects/Repository/repo1").await;
    assert!(repository.contains("href=\"/estate/m1/objects/VirtualDisk/disk1.img\""));
    assert!(repository.contains("href=\"/estate/m1/objects/Server/00%3A11\""));
    let machine = site.text(&format!("/estate/m1/objects/Vm/{SLOT}")).await;
    assert!(machine.contains(&format!("href=\"/estate/m1/vms/{SLOT}\"")));
    assert!(machine.contains("name = &#x27;slot011&#x27;") || machine.contains("name = 'slot011'"));
    for missing in ["/estate/m1/objects/Server/none", "/estate/m1/objects/Assembly"] {
        assert_eq!(site.get(missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn a_table_is_searched_and_sorted_by_its_address() {
    let mut site = viewer();
    let place = |text: &str, what: &str| text.find(what).unwrap_or_else(|| panic!("{what} is not in the table"));
    let up = site.text("/estate/m1/objects/Vm?sort=name").await;
    let down = site.text("/estate/m1/objects/Vm?sort=name&order=down").await;
    let hostile = "&lt;/title&gt;";
    let table = |text: &str| text.split("<tbody>").nth(1).unwrap().to_owned();
    assert!(place(&table(&up), hostile) < place(&table(&up), ">slot011</a>"));
    assert!(place(&table(&down), ">slot011</a>") < place(&table(&down), hostile));
    assert!(up.contains("aria-sort=\"ascending\"") && down.contains("aria-sort=\"descending\""));
    let found = site.text("/estate/m1/objects/Vnic?q=00:21:F6").await;
    assert!(found.contains("/estate/m1/objects/Vnic/nic1"));
    let none = site.text("/estate/m1/objects/Vm?q=zebra").await;
    assert!(none.contains("Nothing here matches “zebra”"));
}

#[tokio::test]
async fn revisions_are_listed_and_their_difference_is_told_in_groups() {
    let mut site = viewer();
    let list = site.text("/estate/m1/revisions").await;
    assert!(list.contains("identical to revision 7") && list.contains("changed since revision 5"));
    assert!(list.contains("1 server, 2 VMs"));
    let told = site.text("/estate/m1/revisions/difference?from=5&to=7").await;
    let place = |what: &str| told.find(what).unwrap_or_else(|| panic!("{what} is not told"));
    assert!(place("2 changes, and 1 in values that vary in normal operation.") < place("<h2>Added</h2>"));
    assert!(place("gained vNIC") < place("<h2>Changed</h2>"));
    assert!(
        place("id=\"volatile\"") < place("from stopped to running"),
        "folded away, at the end"
    );
    let equal = site.text("/estate/m1/revisions/difference?from=7&to=8").await;
    assert!(equal.contains("The two revisions are identical."));
    let page = site.get("/estate/m1/revisions/difference?from=x&to=8").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_search_in_the_frame_finds_whatever_something_says_of_itself() {
    let mut site = viewer();
    for (query, address) in [
        ("slot011", format!("/estate/m1/vms/{SLOT}")),
        (&SLOT[20..], format!("/estate/m1/vms/{SLOT}")),
        ("00:21:F6", "/estate/m1/objects/Vnic/nic1".into()),
        ("192.0.2.11", "/estate/m1/objects/Server/00%3A11".into()),
        ("gold", "/protection/gold".into()),
    ] {
        let text = site.text(&format!("/search?q={query}")).await;
        assert!(text.contains(&format!("href=\"{address}\"")), "{query}");
    }
    *site.facts.run_state.lock().unwrap() = Some(RunState::Waiting);
    for query in ["7q2k", plans::restore().hash.as_str()] {
        let text = site.text(&format!("/search?q={query}")).await;
        assert!(
            text.contains("<h2>Runs</h2>") && text.contains("href=\"/runs/7q2k\""),
            "{query}"
        );
    }
    assert!(
        site.text("/search?q=zebra")
            .await
            .contains("Nothing you have access to matches")
    );
    assert!(site.text("/search").await.contains("at least two characters"));
    assert!(site.text("/runs").await.contains("action=\"/search\""));
}

#[tokio::test]
async fn the_search_says_how_many_there_are_only_when_it_knows() {
    let mut site = Site::of(&Role::ALL);
    *site.facts.run_state.lock().unwrap() = Some(RunState::Waiting);
    *site.facts.policies.lock().unwrap() = vec![estate::policy_view(); 24];
    let text = site.text("/search?q=gold").await;
    assert!(text.contains("<caption>The first 20 of 25</caption>"), "{text}");
    assert!(text.contains("<a href=\"/protection\">All protection policies</a>"));
    assert!(text.contains("<caption>1 hit</caption>"), "the recovery point");
    *site.facts.older.lock().unwrap() = Some("1766000000000-r9".parse().unwrap());
    let text = site.text("/search?q=slot011").await;
    assert!(text.contains("<caption>The first 1 of 1 or more</caption>"), "{text}");
    assert!(text.contains("<a href=\"/runs?q=slot011\">All 1 or more</a>"));
    *site.facts.crowd.lock().unwrap() = 40;
    let text = site.text("/search?q=crowd0").await;
    assert!(text.contains("<caption>The first 20 of 40</caption>"), "{text}");
    assert!(text.contains(">All 40</a>"));
}

#[tokio::test]
async fn the_handbook_is_offered_to_those_who_may_download_it() {
    let text = Site::of(&[Role::RestoreOperator]).text("/handbook").await;
    assert!(text.contains("/handbook/m1/estate/handbook.zip"));
    assert!(text.contains(&format!("/handbook/m1/vm-{SLOT}/handbook.html")));
    assert!(text.contains("1 VM"), "the machine without a point is counted");
    assert_eq!(viewer().get("/handbook").await.status, StatusCode::FORBIDDEN);
    assert!(!viewer().text("/").await.contains("href=\"/handbook\""));
}

#[tokio::test]
async fn the_console_sends_what_asks_and_refuses_the_rest_at_the_field() {
    let mut site = Site::of(&[Role::Administrator]);
    let text = site.text("/administration/console?manager=m1&line=list+Vm").await;
    assert_eq!(site.facts.asked(), ["ask list Vm"]);
    assert!(text.contains("name:&lt;/code&gt;"), "the answer is shown as it came");
    for (line, reason) in [
        ("delete+Vm+id%3D1", "`delete` may change something"),
        ("list+Vm%3Bexit", "A semicolon would start"),
    ] {
        let text = site
            .text(&format!("/administration/console?manager=m1&line={line}"))
            .await;
        assert!(
            text.contains(reason) && text.contains("aria-invalid=\"true\""),
            "{line}"
        );
    }
    assert_eq!(site.facts.asked().len(), 1);
    let page = viewer().get("/administration/console?manager=m1&line=list+Vm").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_script_shows_its_language_its_limits_and_its_rehearsal() {
    let mut site = viewer();
    let address = format!("/estate/m1/scripts/vm-{SLOT}");
    let text = site.text(&address).await;
    assert!(text.contains("<h1>Rebuild script of slot011</h1>"));
    assert!(text.contains("<span class=\"s-comment\"># make the machine</span>"));
    assert!(text.contains("<span class=\"s-verb\">create </span>"));
    assert!(!text.contains("<script>alert"), "values of a script are text");
    assert!(text.contains("Passwords are not in the script."));
    assert!(
        text.contains("1 difference") && text.contains("gained vNIC") && text.contains("Rehearsal of an older script")
    );
    assert!(!text.contains("rebuild.ovmcli") && !text.contains("Rehearse now"));
    let operator = Site::of(&[Role::RestoreOperator]).text(&address).await;
    assert!(operator.contains(&format!("{address}/rebuild.ovmcli")));
    assert_eq!(site.get("/estate/m1/scripts/other").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn scripts_of_many_machines_are_offered_to_those_who_see_all_of_them() {
    let pages = ["/estate/m1", "/estate/m1/objects/ServerPool/pool1"];
    for page in pages {
        assert!(viewer().text(page).await.contains(">Rebuild script<"), "{page}");
        let text = Site::of_member(Role::Viewer, "blue").text(page).await;
        assert!(!text.contains(">Rebuild script<"), "{page}");
    }
}

#[tokio::test]
async fn a_rehearsal_is_held_by_those_who_may_and_says_what_came_of_it() {
    let mut site = Site::of(&[Role::BackupOperator]);
    assert!(site.text("/estate/m1/scripts/estate").await.contains("Rehearse now"));
    let to = site
        .post("/fn/scripts/rehearse", &[("manager", "m1"), ("scope", "estate")])
        .await;
    assert_eq!(site.facts.asked(), ["rehearse estate"]);
    assert!(site.text(&to).await.contains("the result differs from the original"));
}
