//! What pages show, to whom, and what they never show.

use crate::estate::{self, BARE, SLOT};
use crate::plans;
use crate::site::Site;
use axum::http::{StatusCode, header};
use domain::actor::Role;
use domain::error::{ServiceError, Thing};
use domain::experience::Experience;
use domain::ids::{PolicyId, TeamId};
use domain::policy::Policy;
use domain::run::RunState;
use domain::services::PolicyView;

#[tokio::test]
async fn every_page_is_drawn_for_those_who_may_do_everything() {
    let mut site = Site::of(&Role::ALL);
    *site.facts.run_state.lock().unwrap() = Some(RunState::Waiting);
    let plan = format!("/plans/{}", plans::backup().hash);
    let machine = format!("/estate/m1/vms/{SLOT}");
    for (path, heading) in [
        ("/login", "Holdfast"),
        ("/", "Overview"),
        ("/estate", "Estate"),
        (&machine, "slot011"),
        ("/estate/m1", "Manager One"),
        ("/estate/m1/objects/VirtualDisk", "Virtual disks"),
        ("/estate/m1/objects/VirtualDisk/disk1.img", "system disk"),
        ("/estate/m1/revisions", "Revisions"),
        ("/estate/m1/revisions/difference?from=5&to=7", "From revision 5 to 7"),
        ("/search?q=slot011", "Search for “slot011”"),
        ("/handbook", "Handbook"),
        ("/administration/console", "Console"),
        ("/protection", "Protection"),
        ("/protection/new", "New protection policy"),
        ("/protection/gold", "Gold"),
        ("/points", "Recovery points"),
        ("/points/p1", "Recovery point of slot011"),
        (&plan, "Plan: backup of slot011"),
        ("/restores", "Restores"),
        ("/restores/r1", "Restore of slot011"),
        ("/runs", "Runs"),
        ("/runs/7q2k", "Restore in place of slot011"),
        ("/audit", "Audit"),
        ("/administration", "Administration"),
        ("/administration/managers/new", "Enrol a Manager"),
        ("/administration/managers/m1", "Manager One"),
        ("/administration/managers/m1/servers/00%3A11", "Access to ovs1"),
        ("/administration/targets/first", "Backup target first"),
        ("/administration/new-target", "Add a backup target"),
        ("/administration/new-target?kind=s3", "Add a backup target"),
        ("/administration/users/new", "New account"),
        ("/administration/users/anna", "anna"),
        ("/account", "My account"),
    ] {
        let text = site.text(path).await;
        assert!(
            text.contains(&format!("<h1>{heading}</h1>")),
            "{path} lacks its heading: {text}"
        );
        assert_eq!(
            text.matches("<h1").count(),
            1,
            "{path} has one heading of the first rank"
        );
        assert!(!text.contains("style=\""), "{path}: the policy forbids inline styles");
        assert!(text.contains("· Holdfast</title>"), "{path} lacks its title");
    }
}

#[tokio::test]
async fn a_page_allows_only_scripts_with_its_own_nonce() {
    let mut site = Site::of(&[Role::Viewer]);
    let page = site.get("/").await;
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("unsafe-inline"));
    let scripts: Vec<&str> = page.text.split("<script").skip(1).collect();
    assert!(!scripts.is_empty());
    for script in scripts {
        let tag = script.split('>').next().unwrap();
        assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{tag}");
    }
}

#[tokio::test]
async fn names_from_the_estate_never_become_markup() {
    let mut site = Site::of(&Role::ALL);
    for path in [
        "/",
        "/estate",
        "/estate/m1",
        "/estate/m1/objects/Vm",
        &format!("/estate/m1/objects/Vm/{BARE}"),
        "/search?q=script",
        "/search?q=%3Cscript%3Ealert",
        "/handbook",
        "/administration/console?line=list+Vm",
        &format!("/estate/m1/vms/{BARE}"),
        "/restores/r1",
        "/protection",
        "/audit",
    ] {
        let text = site.text(path).await;
        assert!(!text.contains("<script>alert"), "{path}");
        assert!(!text.contains("<b>not markup"), "{path}");
    }
    assert!(site.text("/estate").await.contains("&lt;script&gt;alert"));
}

#[tokio::test]
async fn what_is_missing_forbidden_or_nobodys_has_its_status() {
    let mut viewer = Site::of(&[Role::Viewer]);
    for (path, status, sentence) in [
        (
            "/points/none",
            StatusCode::NOT_FOUND,
            "There is no recovery point none, or you may not see it.",
        ),
        (
            "/nowhere",
            StatusCode::NOT_FOUND,
            "There is no page /nowhere, or you may not see it.",
        ),
        (
            "/audit",
            StatusCode::FORBIDDEN,
            "You may not read the audit trail. This needs the role Auditor",
        ),
        (
            "/protection/new",
            StatusCode::FORBIDDEN,
            "This needs the role Policy Owner",
        ),
    ] {
        let page = viewer.get(path).await;
        assert_eq!(page.status, status, "{path}");
        assert!(page.text.contains(sentence), "{path}: {}", page.text);
        assert!(page.text.contains("aria-label=\"Main\""), "{path} keeps the ways in");
    }
    let page = Site::of_nobody().get("/estate").await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(page.text.contains("/login?next=%2Festate"));
    assert!(!page.text.contains("slot011"));
}

#[tokio::test]
async fn buttons_show_only_for_those_who_may_press_them() {
    let machine = format!("/estate/m1/vms/{SLOT}");
    let buttons = ["Back up now", "Set policy", "Set team"];
    for (role, shown) in [
        (Role::Viewer, [false, false, false]),
        (Role::BackupOperator, [true, false, false]),
        (Role::PolicyOwner, [false, true, false]),
        (Role::Administrator, [false, false, true]),
    ] {
        let text = Site::of(&[role]).text(&machine).await;
        assert_eq!(buttons.map(|button| text.contains(button)), shown, "{role:?}");
    }
    assert!(!Site::of(&[Role::Viewer]).text("/").await.contains("/administration"));
    assert!(
        Site::of(&[Role::Auditor])
            .text("/")
            .await
            .contains("href=\"/administration\"")
    );
    assert!(
        !Site::of(&[Role::Viewer])
            .text("/points/p1")
            .await
            .contains("manifest.json")
    );
    assert!(
        Site::of(&[Role::RestoreOperator])
            .text("/points/p1")
            .await
            .contains("/points/p1/files/manifest.json")
    );
}

#[tokio::test]
async fn the_overview_tells_which_machine_has_waited_longest_for_a_new_point() {
    let text = Site::of(&[Role::Viewer]).text("/").await;
    let (_, after) = text.split_once("Longest without a new recovery point: ").unwrap();
    assert!(
        after.starts_with(&format!("<a href=\"/estate/m1/vms/{SLOT}\">slot011</a>")),
        "{after:.120}"
    );
}

#[tokio::test]
async fn roles_are_explained_where_they_are_given_and_where_they_are_held() {
    let mut site = Site::of(&[Role::Administrator]);
    for path in ["/administration/users/new", "/administration/users/u7"] {
        let text = site.text(path).await;
        for role in Role::ALL {
            assert!(
                text.contains(&format!("<dd>{}</dd>", role.meaning())),
                "{path}: {role:?}"
            );
        }
    }
    let own = site.text("/account").await;
    assert!(own.contains(Role::Administrator.meaning()) && !own.contains(Role::Approver.meaning()));
    assert!(Site::of(&[]).text("/account").await.contains("You have no role yet"));
}

#[tokio::test]
async fn the_login_says_what_helps_whoever_has_forgotten_the_password() {
    let text = Site::of_nobody().text("/login").await;
    assert!(text.contains("Forgotten it? An administrator can reset it."));
}

#[tokio::test]
async fn a_snapshot_is_only_what_storage_takes() {
    let text = Site::of(&[Role::Viewer]).text("/points/p1").await;
    assert!(
        text.contains("<dt>ID in restic</dt>") && !text.contains("Snapshot"),
        "{text}"
    );
}

#[tokio::test]
async fn where_a_button_is_missing_stands_who_has_it() {
    let (machine, bare) = (format!("/estate/m1/vms/{SLOT}"), format!("/estate/m1/vms/{BARE}"));
    for (path, role, sentence) in [
        (
            machine.as_str(),
            Role::BackupOperator,
            "Backup Operator can back it up.",
        ),
        (&bare, Role::PolicyOwner, "Policy Owner can assign a protection policy."),
        (
            "/points/p1",
            Role::RestoreOperator,
            "Restore Operator can plan a restore.",
        ),
    ] {
        let sentence = format!("A user with the role {sentence}");
        let viewer = Site::of(&[Role::Viewer]).text(path).await;
        assert!(viewer.contains(&sentence), "{path}: {viewer}");
        let own = Site::of(&[role]).text(path).await;
        assert!(!own.contains(&sentence), "{path} as {role:?}");
    }
}

#[tokio::test]
async fn a_machine_is_offered_only_policies_that_take_it() {
    let mut site = Site::of(&[Role::PolicyOwner]);
    let policy = |id: &str, team: Option<&str>| PolicyView {
        policy: Policy {
            id: PolicyId::new(id),
            team: team.map(TeamId::new),
            ..estate::policy()
        },
        ..estate::policy_view()
    };
    let others = vec![policy("everybodys", None), policy("reds", Some("red"))];
    *site.facts.policies.lock().unwrap() = others;
    let text = site.text(&format!("/estate/m1/vms/{SLOT}")).await;
    let offered = ["gold", "everybodys", "reds"].map(|id| text.contains(&format!("<option value=\"{id}\"")));
    assert_eq!(offered, [true, true, false]);
}

#[tokio::test]
async fn a_policy_warns_before_its_approvers_are_missed() {
    for (approvers, warned) in [(vec![], true), (vec!["anna"], true), (vec!["anna", "ben"], false)] {
        let mut site = Site::of(&[Role::PolicyOwner]);
        *site.facts.approvers.lock().unwrap() = approvers.iter().map(ToString::to_string).collect();
        let text = site.text("/protection/gold").await;
        assert_eq!(text.contains("Not enough approvers"), warned, "{approvers:?}: {text}");
        let list = site.text("/protection").await;
        assert_eq!(list.contains("Not enough approvers"), warned, "{approvers:?}");
    }
    let text = Site::of(&[Role::Viewer]).text("/protection/gold").await;
    assert!(text.contains("The role Approver is held by nobody here"), "{text}");
}

#[tokio::test]
async fn a_file_that_cannot_be_had_shows_why_instead_of_being_saved() {
    let mut site = Site::of(&[Role::RestoreOperator]);
    let script = format!("/estate/m1/scripts/vm-{SLOT}");
    for path in ["/handbook", &script, "/points/p1"] {
        let text = site.text(path).await;
        assert!(
            !text.contains("download="),
            "{path}: browsers save whatever answers such a link"
        );
    }
    let text = site.text("/points/p2").await;
    assert!(!text.contains("files/vm.cfg") && text.contains("files/manifest.json"));
    assert!(text.contains("There is no vm.cfg, because the Manager did not print one."));
}

#[tokio::test]
async fn a_machine_that_is_gone_is_brought_back_by_commands_that_stand_on_the_page() {
    let mut site = Site::of(&[Role::RestoreOperator]);
    assert!(site.text("/points/p1").await.contains("Restore in place"));
    *site.facts.undiscovered.lock().unwrap() = Some(ServiceError::not_found(Thing::Vm, "slot011"));
    let text = site.text("/points/p1").await;
    assert!(text.contains("restic --repo /backup/holdfast dump") && text.contains("sha256sum slot-0.img"));
    assert!(!text.contains("Restore in place"));
    let gone = site.get("/estate/m1/vms/slot011").await;
    assert!(gone.text.contains("href=\"/points?q=slot011\""));
    assert!(gone.text.contains("Code <code>not-found.vm</code>"));
    assert_eq!(gone.headers[app::context::CODE_HEADER], "not-found.vm");
}

#[tokio::test]
async fn a_plan_shows_its_commands_its_hash_and_where_there_is_no_way_back() {
    let draft = plans::restore();
    let text = Site::of(&[Role::RestoreOperator])
        .text(&format!("/plans/{}", draft.hash))
        .await;
    assert!(text.contains(draft.hash.as_str()) && text.contains(draft.hash.short()));
    assert!(text.contains("Request overwriting slot011’s disks"));
    assert!(text.contains("pattern=\"slot011\""));
    let line = text.find("Point of no return").unwrap();
    assert!(text.find("Commit or roll back").unwrap() < line && line < text.find("Delete the replaced files").unwrap());
    assert!(
        text.contains("The Manager still shows the VM as stopped."),
        "a guard is shown"
    );
    let backup = plans::backup();
    let text = Site::of(&[Role::BackupOperator])
        .text(&format!("/plans/{}", backup.hash))
        .await;
    assert!(text.contains(&format!("clone Vm id={SLOT} destName=hf-7q2k")));
    assert!(text.contains("Back up slot011 now"));
}

#[tokio::test]
async fn a_plan_can_be_taken_away_by_those_who_may() {
    let hash = plans::backup().hash;
    let file = |name: &str| format!("href=\"/plans/{hash}/files/{name}\"");
    let text = Site::of(&[Role::RestoreOperator]).text(&format!("/plans/{hash}")).await;
    assert!(
        text.contains(&file("plan.txt")) && text.contains(&file("plan.ovmcli")),
        "{text}"
    );
    let text = Site::of(&[Role::Viewer]).text(&format!("/plans/{hash}")).await;
    assert!(!text.contains("/files/"), "{text}");
}

#[tokio::test]
async fn a_plan_is_not_offered_for_a_start_while_nobody_knows_whether_it_was_started() {
    let mut site = Site::of(&[Role::BackupOperator]);
    let reference = "7f3a".to_owned();
    *site.facts.run_lost.lock().unwrap() = Some(ServiceError::Internal { reference });
    let page = site.get(&format!("/plans/{}", plans::backup().hash)).await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!page.text.contains("Back up slot011 now"));
}

#[tokio::test]
async fn a_policy_is_told_in_words_that_fit_its_numbers() {
    let text = Site::of(&[Role::Viewer]).text("/protection/gold").await;
    assert!(text.contains("needs four-eyes approval by one person"));
    assert!(text.contains(">1 hour<") && text.contains("300 seconds"), "{text}");
}

#[tokio::test]
async fn a_plan_says_how_long_it_will_take_going_by_history() {
    let mut site = Site::of(&[Role::RestoreOperator]);
    let (backup, restore) = (plans::backup(), plans::restore());
    let text = site.text(&format!("/plans/{}", backup.hash)).await;
    assert!(text.contains("not known yet: no backup of this VM has succeeded so far"));
    let minutes = |number: i64| number * 60_000;
    *site.facts.experience.lock().unwrap() = Experience::of(vec![minutes(4), minutes(9), minutes(3)]);
    let text = site.text(&format!("/plans/{}", backup.hash)).await;
    assert!(text.contains("about 4 min; the last 3 backups of this VM took 3 min to 9 min"));
    *site.facts.experience.lock().unwrap() = Experience::of(vec![minutes(2)]);
    let text = site.text(&format!("/plans/{}", restore.hash)).await;
    assert!(text.contains("about 2 min, based on the last restore of this VM"));
    assert!(text.contains("plus the time until someone decides"));
}

#[tokio::test]
async fn a_run_shows_what_happened_and_refreshes_itself_without_scripts_while_it_moves() {
    let mut site = Site::of(&[Role::RestoreOperator]);
    *site.facts.run_state.lock().unwrap() = Some(RunState::Running);
    let text = site.text("/runs/7q2k").await;
    assert!(text.contains("http-equiv=\"refresh\""));
    assert!(text.contains("Step 2 of 3: Commit or roll back"));
    assert!(text.contains("4 GiB, 2 GiB/s"));
    assert!(text.contains("id=\"progress-wait\""));
    assert!(text.contains("Cancel the restore of slot011 and undo it"));
    *site.facts.run_state.lock().unwrap() = Some(RunState::Waiting);
    let text = site.text("/runs/7q2k").await;
    assert!(!text.contains("http-equiv=\"refresh\""));
    assert!(text.contains("Commit: remove slot011’s replaced disks"));
}

#[tokio::test]
async fn the_search_finds_machines_by_what_people_look_for() {
    let mut site = Site::of(&[Role::Viewer]);
    for query in ["SLOT011", SLOT, "gold", "system+disk", "00%3A21%3Af6"] {
        assert!(
            site.text(&format!("/estate?q={query}")).await.contains(">slot011</a>"),
            "{query}"
        );
    }
    let text = site.text("/estate?q=zebra").await;
    assert!(text.contains("No VM matches “zebra”") && !text.contains(">slot011</a>"));
}

#[tokio::test]
async fn an_address_cannot_put_words_into_a_page() {
    let mut site = Site::of(&[Role::Viewer]);
    let text = site
        .text("/?notice=Call+this+number&flash=Call+this+number&__err=Q2FsbA&__path=x")
        .await;
    assert!(!text.contains("Call this number</"));
    assert!(
        site.text("/login?failed=Call+me&next=//evil.example")
            .await
            .contains("Incorrect name or password.")
    );
    assert!(!site.text("/login?next=//evil.example").await.contains("evil.example"));
}

#[tokio::test]
async fn an_address_in_an_address_keeps_its_own_escapes() {
    let text = Site::of_nobody().text("/login?next=%2Fruns%3Fq%3Ddb%252001").await;
    assert!(text.contains("value=\"/runs?q=db%2001\""), "{text}");
}

#[tokio::test]
async fn the_theme_is_kept_in_a_cookie() {
    let mut site = Site::of(&[Role::Viewer]);
    assert!(site.text("/runs").await.contains("data-theme=\"system\""));
    assert_eq!(
        site.post("/fn/theme", &[("theme", "dark"), ("page", "/runs")]).await,
        "/runs"
    );
    assert!(site.text("/runs").await.contains("data-theme=\"dark\""));
    assert_eq!(
        site.post("/fn/theme", &[("theme", "light"), ("page", "//evil.example")])
            .await,
        "/"
    );
}
