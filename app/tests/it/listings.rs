//! Tables that their address asks for: sorted, filtered, turned, with chosen columns, all without scripts.

use crate::plans;
use crate::site::Site;
use domain::actor::Role;
use domain::run::RunState;

fn crowded(machines: usize) -> Site {
    let site = Site::of(&[Role::Viewer]);
    *site.facts.crowd.lock().unwrap() = machines;
    site
}

/// The rows of the first listing of a page.
fn rows(page: &str) -> Vec<&str> {
    let table = page.split("class=\"table listing\"").nth(1).unwrap();
    let body = table.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap();
    body.split("<tr>").skip(1).collect()
}

fn names(page: &str) -> Vec<&str> {
    let rows = rows(page).into_iter().filter(|row| row.contains("row-link"));
    rows.map(|row| row.split("row-link").nth(1).unwrap().split(['>', '<']).nth(1).unwrap())
        .collect()
}

#[tokio::test]
async fn a_large_estate_comes_page_by_page() {
    let mut site = crowded(118);
    let first = site.text("/estate").await;
    assert_eq!(rows(&first).len(), 50);
    assert!(first.contains("<caption>120 VMs, 1 to 50</caption>"));
    assert!(first.contains("href=\"/estate?page=2\" rel=\"next\""));
    assert!(!first.contains("rel=\"prev\"") && first.contains("href=\"/estate?page=3\""));
    let last = site.text("/estate?page=3").await;
    assert_eq!(rows(&last).len(), 20);
    assert!(last.contains("rel=\"prev\"") && !last.contains("rel=\"next\""));
    assert_eq!(names(&last)[18..], ["crowd118", "slot011"]);
    assert_eq!(
        rows(&site.text("/estate?page=99&rows=100").await).len(),
        20,
        "behind the last page is the last"
    );
    let all = site.text("/estate?rows=250").await;
    assert_eq!(rows(&all).len(), 120);
    assert!(!all.contains("Pages of the table"));
}

#[tokio::test]
async fn a_page_of_a_large_estate_is_as_small_as_of_a_small_one() {
    let small = crowded(100).text("/estate").await.len();
    let large = crowded(2_000).text("/estate").await.len();
    assert!(large < small + 1_000, "{small} bytes of 102 machines, {large} of 2,002");
}

#[tokio::test]
async fn heads_of_columns_sort_and_say_so() {
    let mut site = crowded(60);
    let by_name = site.text("/estate").await;
    assert_eq!(by_name.matches("aria-sort=\"ascending\"").count(), 1);
    assert!(
        by_name.contains("href=\"/estate?sort=machine&amp;order=down\""),
        "the usual order is turned at the first click"
    );
    assert!(by_name.contains("href=\"/estate?sort=memory\""));
    let largest = site.text("/estate?sort=memory&order=down&page=1").await;
    assert_eq!(names(&largest)[..2], ["crowd060", "crowd059"]);
    assert!(largest.contains("aria-sort=\"descending\"") && largest.contains("href=\"/estate?sort=memory\""));
    let equals = site.text("/estate?sort=cpus").await;
    assert_eq!(
        names(&equals)[1],
        "crowd001",
        "machines that are equal in it stay in the order of their names"
    );
    let newest = site.text("/estate?sort=newest").await;
    assert_eq!(
        names(&newest)[0],
        "slot011",
        "machines without a point stand behind those that have one"
    );
    assert_eq!(names(&site.text("/estate?sort=nonsense").await)[1], "crowd001");
}

#[tokio::test]
async fn a_filter_keeps_the_order_and_begins_at_the_first_page() {
    let mut site = crowded(60);
    let found = site.text("/estate?q=CROWD05&sort=memory&order=down").await;
    assert_eq!(names(&found)[0], "crowd059");
    assert!(found.contains("<caption>10 VMs</caption>"));
    assert!(found.contains("type=\"hidden\" name=\"sort\" value=\"memory\""));
    assert!(
        found.contains("type=\"hidden\" name=\"q\" value=\"CROWD05\""),
        "the choice of an order keeps the text"
    );
    assert!(found.contains("Show all") && found.contains("href=\"/estate?sort=memory&amp;order=down\""));
    let bare = site.text("/estate?policy=none&page=2").await;
    assert!(bare.contains("Not protected 61") && bare.contains("<caption>61 VMs, 51 to 61</caption>"));
    assert!(bare.contains("type=\"hidden\" name=\"policy\" value=\"none\""));
    let gold = site.text("/estate?policy=gold").await;
    assert_eq!(names(&gold), ["slot011"]);
    assert!(gold.contains("Under Gold"));
}

#[tokio::test]
async fn a_short_text_is_not_looked_for_in_ids() {
    let mut site = crowded(9);
    assert!(
        site.text("/estate?q=0600").await.contains("<caption>11 VMs</caption>"),
        "all ids hold it"
    );
    assert!(site.text("/estate?q=060").await.contains("No VM matches"));
}

#[tokio::test]
async fn columns_are_chosen_by_the_address() {
    let mut site = crowded(1);
    let usual = site.text("/estate").await;
    assert!(rows(&usual).concat().contains("data-label=\"Memory\"") && !usual.contains("data-label=\"MAC addresses\""));
    let chosen = site.text("/estate?column=machine&column=macs&column=space").await;
    assert!(chosen.contains("data-label=\"MAC addresses\"") && chosen.contains("00:21:f6:00:00:01"));
    assert!(chosen.contains("data-label=\"Disk space\"") && chosen.contains("12 GiB"));
    assert!(!rows(&chosen).concat().contains("data-label=\"Memory\""));
    assert_eq!(names(&chosen)[1], "crowd001", "the first column is always there");
    assert!(chosen.contains("href=\"/estate?sort=space&amp;column=machine&amp;column=macs&amp;column=space\""));
    let all = site
        .text("/estate/m1/objects/VirtualDisk?column=name&column=used%20%28bytes%29")
        .await;
    assert!(all.contains("data-label=\"Used\"") && !all.contains("data-label=\"Size\""));
}

#[tokio::test]
async fn the_trail_leads_to_what_it_names_and_can_be_taken_away() {
    let mut site = Site::of(&[Role::Auditor]);
    let text = site.text("/audit").await;
    let hash = "ab".repeat(32);
    assert!(text.contains(&format!("href=\"/plans/{hash}\"")), "{text}");
    assert!(text.contains("<a href=\"/search?q=0004fb\">vm 0004fb</a>"));
    assert!(text.contains("href=\"/audit/trail.jsonl\" class=\"button\">Download the whole trail</a>"));
    assert!(
        !text.contains("download="),
        "browsers save whatever answers such a link"
    );
    assert!(!rows(&text).concat().contains("data-label=\"Address\""));
    let chosen = site.text("/audit?column=number&column=from").await;
    assert!(
        rows(&chosen)
            .concat()
            .contains("data-label=\"Address\" class=\"\">192.0.2.7<"),
        "{chosen}"
    );
}

#[tokio::test]
async fn a_run_leads_to_its_plan() {
    let mut site = Site::of(&[Role::Viewer]);
    *site.facts.run_state.lock().unwrap() = Some(RunState::Waiting);
    let hash = plans::restore().hash;
    let runs = site.text("/runs").await;
    assert!(runs.contains(&format!(
        "<a href=\"/plans/{hash}\"><code title=\"{hash}\">{}</code></a>",
        hash.short()
    )));
}

#[tokio::test]
async fn every_list_has_the_same_controls() {
    let mut site = Site::of(&Role::ALL);
    *site.facts.run_state.lock().unwrap() = Some(RunState::Waiting);
    *site.facts.requests.lock().unwrap() = vec![plans::request()];
    for path in [
        "/estate",
        "/estate/m1/objects/Vm",
        "/points",
        "/runs?state=waiting",
        "/restores",
        "/audit",
    ] {
        let text = site.text(path).await;
        for part in [
            "class=\"table-tools\"",
            "name=\"q\"",
            "name=\"column\"",
            "class=\"table listing\"",
        ] {
            assert!(text.contains(part), "{path} lacks {part}");
        }
        assert_eq!(
            text.contains("name=\"sort\""),
            path != "/audit",
            "{path}: the trail has one order"
        );
    }
    let runs = site.text("/runs?state=waiting&q=zebra").await;
    assert!(
        runs.contains("No run matches “zebra”") && runs.contains("type=\"hidden\" name=\"state\" value=\"waiting\"")
    );
    assert!(site.text("/runs?q=SLOT011").await.contains("<caption>1 run</caption>"));
    assert!(
        site.text("/restores?q=SLOT011")
            .await
            .contains("<caption>1 request</caption>")
    );
    assert!(
        site.text("/restores?whose=mine")
            .await
            .contains("You have not requested a restore yet."),
        "it is somebody else's"
    );
}

#[tokio::test]
async fn a_list_that_goes_on_leads_on() {
    let mut site = Site::of(&Role::ALL);
    *site.facts.run_state.lock().unwrap() = Some(RunState::Waiting);
    *site.facts.requests.lock().unwrap() = vec![plans::request()];
    for path in ["/points", "/runs", "/restores"] {
        assert!(
            !site.text(path).await.contains("Parts of the list"),
            "{path} is here as a whole"
        );
    }
    *site.facts.older.lock().unwrap() = Some("1766000000000-r9".parse().unwrap());
    for path in [
        "/points?rows=100",
        "/runs?state=waiting&rows=100",
        "/restores?whose=everybody&rows=100",
    ] {
        let newest = site.text(path).await;
        let older = format!("{path}&before=1766000000000-r9");
        assert!(
            newest.contains(&format!("href=\"{}\" rel=\"next\"", older.replace('&', "&amp;"))),
            "{path}"
        );
        assert!(!newest.contains(">Newest<"), "{path}");
        let next = site.text(&older).await;
        assert!(
            next.contains(&format!("href=\"{}\">Newest<", path.replace('&', "&amp;"))),
            "{older}"
        );
    }
}

#[tokio::test]
async fn what_an_address_says_never_becomes_markup() {
    let mut site = crowded(60);
    let hostile = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for path in [
        format!("/estate?q={hostile}"),
        format!("/estate?policy={hostile}"),
        format!("/estate?sort={hostile}&column={hostile}"),
        format!("/runs?state={hostile}"),
    ] {
        let text = site.text(&path).await;
        assert!(!text.contains("<script>alert(1)"), "{path}");
    }
}
