//! Forms as a browser without scripts sends them: what is done, where they lead, what comes back after an error.

use crate::estate::SLOT;
use crate::plans;
use crate::site::Site;
use domain::actor::Role;
use domain::enrolment::OLD_ALGORITHMS;
use domain::error::{AccountFlaw, Errand, EstateConflict, HostFlaw, RunConflict, ServiceError};
use domain::fault::HostFault;
use domain::plan::{Refusal, Rule};
use domain::run::RunState;

#[tokio::test]
async fn a_backup_is_planned_shown_and_started() {
    let mut site = Site::of(&[Role::BackupOperator]);
    let plan = site.post("/fn/backups/plan", &[("manager", "m1"), ("vm", SLOT)]).await;
    assert_eq!(plan, format!("/plans/{}", plans::backup().hash));
    let run = site
        .post("/fn/backups/start", &[("plan", plans::backup().hash.as_str())])
        .await;
    assert_eq!(run, "/runs/7q2k?notice=backup-started");
    *site.facts.run_state.lock().unwrap() = Some(RunState::Running);
    assert!(site.text(&run).await.contains("Backup started."));
    let asked = site.facts.asked();
    assert_eq!(
        asked,
        [
            format!("plan backup of vm-{SLOT}"),
            format!("start {}", plans::backup().hash.short())
        ]
    );
}

#[tokio::test]
async fn a_policy_is_assigned_and_taken_away() {
    let mut site = Site::of(&[Role::PolicyOwner]);
    let page = format!("/estate/m1/vms/{SLOT}?notice=policy-assigned");
    for policy in ["gold", ""] {
        let to = site
            .post(
                "/fn/policies/assign",
                &[("manager", "m1"), ("vm", SLOT), ("policy", policy)],
            )
            .await;
        assert_eq!(to, page);
    }
    assert_eq!(
        site.facts.asked(),
        [format!("assign vm-{SLOT} gold"), format!("assign vm-{SLOT} none")]
    );
}

#[tokio::test]
async fn a_request_needs_the_machines_name_and_a_reason_and_loses_nothing() {
    let mut site = Site::of(&[Role::RestoreOperator]);
    let plan = plans::restore().hash;
    let reason = "The disk </textarea><script> was overwritten.";
    let mut fields = [
        ("plan", plan.as_str()),
        ("reason", reason),
        ("ticket", "CH-17"),
        ("confirm", "slot012"),
    ];
    let back = site.post("/fn/restores/submit", &fields).await;
    assert!(back.starts_with(&format!("/plans/{plan}?flash=")), "{back}");
    let text = site.text(&back).await;
    assert!(text.contains("Type the VM’s name exactly as shown: slot011"), "{text}");
    assert!(text.contains("The disk &lt;/textarea&gt;&lt;script&gt; was overwritten."));
    assert!(!text.contains("</textarea><script>"));
    assert!(text.contains("value=\"CH-17\""));
    assert!(text.contains("aria-invalid=\"true\""));
    assert!(site.facts.asked().is_empty());
    fields[3].1 = "slot011";
    assert_eq!(
        site.post("/fn/restores/submit", &fields).await,
        "/restores/r1?notice=restore-requested"
    );
    assert_eq!(site.facts.asked(), [format!("submit {} {reason}", plan.short())]);
}

#[tokio::test]
async fn a_refusal_stands_on_top_of_the_page_it_came_from() {
    let mut site = Site::of(&[Role::BackupOperator]);
    let refusal = ServiceError::conflict(RunConflict::PlanUsed);
    *site.facts.refusal.lock().unwrap() = Some(refusal);
    let back = site.post("/fn/backups/plan", &[("manager", "m1"), ("vm", SLOT)]).await;
    let text = site.text(&back).await;
    assert!(text.contains("role=\"alert\""));
    assert!(text.contains("Code <code>conflict.plan-used</code>"), "{text}");
    assert!(text.contains("This plan was run already. Plan again: a plan is run only once."));
}

#[tokio::test]
async fn what_another_release_has_left_in_a_session_does_not_hide_what_came_of_a_form() {
    let mut site = Site::of(&[Role::BackupOperator]);
    for round in 0..2 {
        *site.facts.refusal.lock().unwrap() = Some(ServiceError::conflict(RunConflict::PlanUsed));
        let back = site.post("/fn/backups/plan", &[("manager", "m1"), ("vm", SLOT)]).await;
        assert!(site.text(&back).await.contains("conflict.plan-used"), "{round}");
        site.leave("flash", "nobody reads this any more").await;
        let lost = site.text(&back).await;
        assert!(lost.contains("conflict.input-lost"), "{round}");
    }
}

#[tokio::test]
async fn a_flash_belongs_to_one_session_and_few_are_kept() {
    let mut site = Site::of(&[Role::BackupOperator]);
    let mut first = String::new();
    for number in 1..=7 {
        *site.facts.refusal.lock().unwrap() = Some(ServiceError::conflict(Refusal::SlotNotInPoint { slot: number }));
        let back = site.post("/fn/backups/plan", &[("manager", "m1"), ("vm", SLOT)]).await;
        assert!(site.text(&back).await.contains(&format!("no disk in slot {number}.")));
        if number == 1 {
            first = back;
        }
    }
    let text = site.text(&first).await;
    assert!(!text.contains("no disk in slot") && text.contains("its result is no longer available"));
    let stranger = Site::of(&[Role::BackupOperator])
        .text(&first.replace("flash=1", "flash=7"))
        .await;
    assert!(!stranger.contains("no disk in slot"));
}

#[tokio::test]
async fn a_policy_with_a_wrong_number_comes_back_filled_with_the_error_at_its_field() {
    let mut site = Site::of(&[Role::PolicyOwner]);
    let fields = [
        ("name", "Silver"),
        ("method", "reflink"),
        ("gate", "approval"),
        ("approvers", "9"),
        ("commit_within_hours", "48"),
        ("patience_secs", "60"),
        ("free_space_floor_percent", "5"),
    ];
    let back = site.post("/fn/policies/save", &fields).await;
    let text = site.text(&back).await;
    assert!(
        text.contains("id=\"policy-approvers-error\"") && text.contains(">Enter 1 to 5 people; 9 is out of range.</p>")
    );
    assert!(text.contains("value=\"Silver\"") && text.contains("value=\"48\""));
    assert!(text.contains("<option value=\"reflink\" selected"));
    let mut right = fields;
    right[3].1 = "2";
    assert_eq!(
        site.post("/fn/policies/save", &right).await,
        "/protection/gold?notice=policy-saved"
    );
    assert_eq!(site.facts.asked(), ["save None Silver"]);
}

#[tokio::test]
async fn a_restore_is_planned_for_the_ticked_disks_only() {
    let mut site = Site::of(&[Role::RestoreOperator]);
    let to = site
        .post(
            "/fn/restores/plan",
            &[("point", "p1"), ("slots[0]", "0"), ("slots[2]", "3")],
        )
        .await;
    assert_eq!(to, format!("/plans/{}", plans::restore().hash));
    let back = site.post("/fn/restores/plan", &[("point", "p1")]).await;
    assert!(site.text(&back).await.contains("Choose at least one disk."));
    assert_eq!(site.facts.asked(), ["plan restore of p1 slots [0, 3]"]);
}

#[tokio::test]
async fn votes_carry_the_hash_that_was_on_the_screen() {
    let mut site = Site::of(&[Role::Approver]);
    let hash = plans::restore().hash;
    let text = site.text("/restores/r1").await;
    assert!(text.contains("Approve overwriting slot011’s disks"));
    let seen = format!("name=\"seen\" value=\"{hash}\"");
    assert!(text.contains(&seen));
    let vote = |vote| {
        [
            ("request", "r1"),
            ("seen", hash.as_str()),
            ("vote", vote),
            ("reason", ""),
            ("confirm", "slot011"),
        ]
    };
    assert_eq!(
        site.post("/fn/restores/vote", &vote("approve")).await,
        "/restores/r1?notice=approved"
    );
    let back = site.post("/fn/restores/vote", &vote("veto")).await;
    assert!(
        site.text(&back)
            .await
            .contains("Give a reason of 10 to 1000 characters")
    );
    assert_eq!(site.facts.asked(), [format!("Approve r1 {}", hash.short())]);
}

#[tokio::test]
async fn an_approval_needs_the_machines_name_and_loses_nothing() {
    let mut site = Site::of(&[Role::Approver]);
    let hash = plans::restore().hash;
    let fields = [
        ("request", "r1"),
        ("seen", hash.as_str()),
        ("vote", "approve"),
        ("reason", "Agreed with the owner."),
        ("confirm", "slot01"),
    ];
    assert!(site.text("/restores/r1").await.contains("pattern=\"slot011\""));
    let back = site.post("/fn/restores/vote", &fields).await;
    let text = site.text(&back).await;
    assert!(text.contains("id=\"approve-confirm-error\"") && text.contains("exactly as shown: slot011"));
    assert!(text.contains("value=\"slot01\"") && text.contains("Agreed with the owner."));
    assert!(site.facts.asked().is_empty());
}

#[tokio::test]
async fn a_run_is_committed_or_rolled_back_only_under_the_machines_name() {
    let mut site = Site::of(&[Role::RestoreOperator]);
    *site.facts.run_state.lock().unwrap() = Some(RunState::Waiting);
    let send = |decision, confirm| [("run", "7q2k"), ("decision", decision), ("confirm", confirm)];
    assert!(
        site.post("/fn/runs/decide", &send("commit", "slot01"))
            .await
            .starts_with("/runs/7q2k?flash=")
    );
    assert_eq!(
        site.post("/fn/runs/decide", &send("commit", "slot011")).await,
        "/runs/7q2k?notice=committing"
    );
    assert_eq!(
        site.post("/fn/runs/decide", &send("roll_back", "slot011")).await,
        "/runs/7q2k?notice=rolling-back"
    );
    assert_eq!(site.facts.asked(), ["Commit 7q2k", "RollBack 7q2k"]);
}

#[tokio::test]
async fn a_run_that_asks_for_something_shows_it_and_takes_what_was_seen() {
    let mut site = Site::of(&[Role::RestoreOperator]);
    *site.facts.run_state.lock().unwrap() = Some(RunState::Waiting);
    *site.facts.asks.lock().unwrap() = Some(plans::start_by_hand(Rule::Equal { to: "0004fb".into() }));
    let page = site.text("/runs/7q2k").await;
    assert!(
        page.contains("Start the VM") && page.contains("start Vm name=slot011"),
        "{page}"
    );
    assert!(page.contains("The value must be 0004fb.") && page.contains("Undo the run on slot011"));
    assert!(!page.contains("id=\"decision\""));
    let fields = [("run", "7q2k"), ("step", "start"), ("observed", "0004FB")];
    assert_eq!(
        site.post("/fn/runs/confirm", &fields).await,
        "/runs/7q2k?notice=confirmed"
    );
    assert_eq!(site.facts.asked(), ["confirm 7q2k start 0004FB"]);
    *site.facts.asks.lock().unwrap() = Some(plans::start_by_hand(Rule::Seen));
    assert!(!site.text("/runs/7q2k").await.contains("What you saw"));
    let mut viewer = Site::of(&[Role::Viewer]);
    *viewer.facts.run_state.lock().unwrap() = Some(RunState::Waiting);
    *viewer.facts.asks.lock().unwrap() = Some(plans::start_by_hand(Rule::Seen));
    let page = viewer.text("/runs/7q2k").await;
    assert!(
        page.contains("can do it and confirm it") && !page.contains("/fn/runs/confirm"),
        "{page}"
    );
}

#[tokio::test]
async fn a_manager_is_enrolled_after_its_key_was_compared_and_the_password_is_not_kept() {
    let mut site = Site::of(&[Role::Administrator]);
    let probe = [("host", "manager.example"), ("port", "10000")];
    let second = site.post("/fn/managers/probe", &probe).await;
    let text = site.text(&second).await;
    assert!(text.contains("SHA256:shown-by-the-host") && text.contains("Fingerprint as read on the host"));
    assert!(text.contains("the two must match"));
    assert!(
        text.contains("data-copy=\"ssh-keyscan -t dsa -p 10000 localhost | awk"),
        "{text}"
    );
    let fields = [
        ("host", "manager.example"),
        ("port", "10000"),
        ("shown", "ssh-dss SHA256:shown-by-the-host"),
        ("fingerprint", "SHA256:read"),
        ("name", "One"),
        ("user", "admin"),
        ("password", "do-not-keep-me"),
    ];
    *site.facts.refusal.lock().unwrap() = Some(ServiceError::invalid("fingerprint", another_key()));
    let back = site.post("/fn/managers/enrol", &fields).await;
    let text = site.text(&back).await;
    assert!(
        text.contains("manager.example shows the host key SHA256:another.") && text.contains("value=\"SHA256:read\"")
    );
    assert!(!text.contains("do-not-keep-me"));
    assert_eq!(
        site.post("/fn/managers/enrol", &fields).await,
        "/administration/managers/m1?notice=enrolled"
    );
}

#[tokio::test]
async fn the_estate_is_refreshed_on_its_page_by_those_who_run_backups_too() {
    for (role, offered) in [
        (Role::Viewer, false),
        (Role::BackupOperator, true),
        (Role::Administrator, true),
    ] {
        let text = Site::of(&[role]).text("/estate/m1").await;
        assert_eq!(text.contains("Refresh the estate"), offered, "{role:?}");
    }
    let mut site = Site::of(&[Role::BackupOperator]);
    let refresh = |page| [("manager", "m1"), ("page", page)];
    let done = site.post("/fn/managers/refresh", &refresh("/estate/m1")).await;
    assert_eq!(done, "/estate/m1?notice=refreshed");
    assert!(site.text(&done).await.contains("Estate refreshed."));
    let elsewhere = site.post("/fn/managers/refresh", &refresh("//evil.example")).await;
    assert_eq!(elsewhere, "/estate/m1?notice=refreshed");
    let refusal = ServiceError::estate(HostFault::NoManager, Errand::Reading);
    *site.facts.refusal.lock().unwrap() = Some(refusal);
    let back = site.post("/fn/managers/refresh", &refresh("/estate/m1")).await;
    assert!(
        site.text(&back)
            .await
            .contains("The Manager is no longer enrolled. Nothing was changed.")
    );
}

#[tokio::test]
async fn an_estate_that_was_never_discovered_is_refreshed_from_the_list() {
    for (role, offered) in [(Role::Viewer, false), (Role::BackupOperator, true)] {
        let mut site = Site::of(&[role]);
        let never = ServiceError::conflict(EstateConflict::NeverDiscovered);
        *site.facts.undiscovered.lock().unwrap() = Some(never);
        let text = site.text("/estate").await;
        assert!(text.contains("has never been discovered. Refresh it on the page Estate;"));
        assert_eq!(text.contains("Refresh the estate"), offered, "{role:?}");
    }
}

#[tokio::test]
async fn nobody_changes_anything_without_a_login() {
    let mut site = Site::of_nobody();
    let to = site.post("/fn/runs/cancel", &[("run", "7q2k")]).await;
    assert_eq!(to, "/login?next=%2Fruns%2F7q2k");
    assert!(site.facts.asked().is_empty());
}

#[tokio::test]
async fn a_changed_host_key_is_settled_by_enrolling_the_manager_anew() {
    let mut site = Site::of(&[Role::Administrator]);
    let page = site.text("/administration/managers/m1").await;
    assert!(page.contains("SHA256:changed") && page.contains("/administration/managers/new?manager=m1"));
    let text = site.text("/administration/managers/new?manager=m1").await;
    assert!(text.contains("<h1>Re-enrol Manager One</h1>") && text.contains("value=\"manager.example\""));
    let probe = [("manager", "m1"), ("host", "manager.example"), ("port", "10000")];
    let second = site.post("/fn/managers/probe", &probe).await;
    assert!(
        second.starts_with("/administration/managers/new?manager=m1&"),
        "{second}"
    );
    let text = site.text(&second).await;
    assert!(text.contains("value=\"Manager One\"") && text.contains("SHA256:shown-by-the-host"));
    assert!(is_ticked(&text, "legacy_algorithms"), "what is allowed stays allowed");
    let unticked = [
        ("manager", "m1"),
        ("port", "10000"),
        ("shown", "ssh-rsa SHA256:x"),
        ("legacy_algorithms", ""),
    ];
    *site.facts.refusal.lock().unwrap() = Some(ServiceError::invalid("fingerprint", another_key()));
    let back = site.post("/fn/managers/enrol", &unticked).await;
    let text = site.text(&back).await;
    assert!(!is_ticked(&text, "legacy_algorithms"), "nothing is ticked again");
}

fn another_key() -> HostFlaw {
    HostFlaw::OtherHostKey {
        host: "manager.example".into(),
        seen: "SHA256:another".into(),
    }
}

fn nothing_newer() -> HostFault {
    HostFault::NoCommonAlgorithm {
        host: "server.example:22".into(),
        kind: "cipher".into(),
        offered: "3des-cbc".into(),
        old_offered: false,
    }
}

fn is_ticked(page: &str, name: &str) -> bool {
    let tags = page.split("<input").map(|rest| rest.split('>').next().unwrap());
    let mut named = tags.filter(|tag| tag.contains(&format!("name=\"{name}\"")));
    named.next().unwrap().contains(" checked")
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_and_not_kept() {
    let mut site = Site::of(&[Role::Administrator]);
    let page = "/administration/users/u7";
    let text = site.text(page).await;
    assert!(text.contains("Reset the password of bert") && text.contains("the audit trail records who reset it"));
    let own = site.text("/administration/users/anna").await;
    assert!(!own.contains("Reset the password of") && own.contains("change its password under <a href=\"/account\">"));
    let auditor = Site::of(&[Role::Auditor]).text(page).await;
    assert!(!auditor.contains("Reset the password of"));

    let fields = [("user", "u7"), ("password", "do-not-keep-me")];
    let refusal = ServiceError::invalid("password", AccountFlaw::PasswordLength);
    *site.facts.refusal.lock().unwrap() = Some(refusal);
    let back = site.post("/fn/accounts/password", &fields).await;
    let text = site.text(&back).await;
    assert!(text.contains("id=\"password-password-error\"") && !text.contains("do-not-keep-me"));
    let done = site.post("/fn/accounts/password", &fields).await;
    assert_eq!(done, format!("{page}?notice=password-set"));
    assert!(
        site.text(&done)
            .await
            .contains("all sessions of the account have ended")
    );
    assert_eq!(site.facts.asked(), ["password of u7"]);
}

#[tokio::test]
async fn the_rules_of_names_and_passwords_stand_at_their_fields() {
    let mut site = Site::of(&[Role::Administrator]);
    let new = site.text("/administration/users/new").await;
    let tag = |page: &str, name: &str| {
        let named = format!("name=\"{name}\"");
        let mut tags = page
            .split("<input")
            .map(|rest| rest.split('>').next().unwrap().to_owned());
        tags.find(|tag| tag.contains(&named)).unwrap()
    };
    let limits = |tag: &str, least: &str, most: &str| {
        let limits = [format!("minlength=\"{least}\""), format!("maxlength=\"{most}\"")];
        assert!(limits.iter().all(|limit| tag.contains(limit)), "{tag}");
    };
    limits(&tag(&new, "name"), "2", "40");
    limits(&tag(&new, "password"), "12", "128");
    assert!(new.contains("A name has 2 to 40 characters") && new.contains("A password has 12 to 128 characters"));
    let account = site.text("/account").await;
    limits(&tag(&account, "new"), "12", "128");
    assert!(account.contains("A password has 12 to 128 characters"));
    let old = tag(&account, "old");
    assert!(!old.contains("minlength"), "it may be older than the rule: {old}");
    assert!(old.contains("maxlength=\"300\""), "{old}");
}

#[tokio::test]
async fn access_to_a_server_is_changed_under_its_known_account() {
    let mut site = Site::of(&[Role::Administrator]);
    let probe = [
        ("manager", "m1"),
        ("server", "00:11"),
        ("host", "192.0.2.11"),
        ("port", "22"),
    ];
    let second = site.post("/fn/servers/probe", &probe).await;
    let text = site.text(&second).await;
    assert!(text.contains("value=\"holdfast\"") && !text.contains("value=\"root\""));
    assert!(text.contains("the two must match") && text.contains("SHA256:shown-by-the-host"));
    assert!(text.contains(" /etc/ssh/ssh_host_dsa_key.pub | base64 -d"), "{text}");
    assert!(text.contains("old ones allowed") && is_ticked(&text, "legacy_algorithms"));
}

#[tokio::test]
async fn old_algorithms_are_allowed_for_a_server_in_its_form() {
    let mut site = Site::of(&[Role::Administrator]);
    let fields = |old| {
        [
            ("manager", "m1"),
            ("server", "00:11"),
            ("port", "22"),
            ("shown", "ssh-rsa SHA256:x"),
            ("user", "root"),
            ("legacy_algorithms", old),
        ]
    };
    let refusal = ServiceError::invalid("legacy_algorithms", HostFlaw::OldAlgorithms(Box::new(nothing_newer())));
    *site.facts.refusal.lock().unwrap() = Some(refusal);
    let back = site.post("/fn/servers/access", &fields("")).await;
    let text = site.text(&back).await;
    assert!(
        text.contains("id=\"access-legacy_algorithms-error\"") && text.contains("have no cipher algorithm in common")
    );
    assert!(text.contains(OLD_ALGORITHMS) && !is_ticked(&text, "legacy_algorithms"));
    site.post("/fn/servers/access", &fields("on")).await;
    assert_eq!(site.facts.asked(), ["access 00:11 root old"]);
}
