//! Backup targets: what an administrator sees of them, how one is added and checked, and where a policy chooses one.

use crate::estate::{first_target, target_in_bucket};
use crate::site::Site;
use axum::http::StatusCode;
use domain::actor::Role;
use domain::error::{ServiceError, TargetFlaw};
use domain::fault::TargetFault;
use domain::ids::TargetId;
use domain::target::TargetView;

const HOME: &str = "/administration";
const NEW: &str = "/administration/new-target";

/// One that is away.
fn away(name: &str) -> TargetView {
    TargetView {
        id: TargetId::new(name),
        fault: Some(TargetFault::Absent {
            target: "/mnt/dc2".into(),
        }),
        ..first_target()
    }
}

#[tokio::test]
async fn the_list_says_of_each_target_where_it_is_and_whether_it_can_be_used() {
    let mut site = Site::of(&[Role::Administrator]);
    *site.facts.targets.lock().unwrap() = vec![target_in_bucket("cloud"), away("dc2")];
    let text = site.text(HOME).await;
    let rows: Vec<&str> = ["first", "cloud", "dc2"]
        .map(|name| {
            let link = format!("<a href=\"/administration/targets/{name}\">{name}</a>");
            let (_, after) = text.split_once(&link).unwrap();
            after.split("</tr>").next().unwrap()
        })
        .into();
    for (row, parts) in rows.iter().zip([
        ["/backup/holdfast", "Can be used", "1 policy", "<time"],
        [
            "s3:https://s3.example/backups/dc1",
            "Not checked yet",
            "no policy",
            "not since",
        ],
        ["/backup/holdfast", "Cannot be used", "no policy", "<time"],
    ]) {
        for part in parts {
            assert!(row.contains(part), "{part}: {row}");
        }
    }
    assert!(text.contains(&format!("href=\"{NEW}\"")));
}

#[tokio::test]
async fn only_administrators_see_backup_targets() {
    let mut auditor = Site::of(&[Role::Auditor]);
    let text = auditor.text(HOME).await;
    assert!(!text.contains("ackup target"), "{text}");
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Administrator) {
        let mut site = Site::of(&[role]);
        for path in [NEW, "/administration/targets/first"] {
            let page = site.get(path).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{role:?} {path}");
            assert!(!page.text.contains("/backup/holdfast"), "{role:?} {path}");
        }
        let back = site.post("/fn/targets/add", &folder("dc2")).await;
        assert!(back.starts_with(&format!("{NEW}?flash=")), "{role:?} {back}");
        assert!(site.facts.asked().is_empty(), "{role:?}");
    }
}

#[tokio::test]
async fn the_page_of_a_target_says_what_it_is_and_who_uses_it() {
    let mut site = Site::of(&[Role::Administrator]);
    *site.facts.targets.lock().unwrap() = vec![target_in_bucket("cloud")];
    let first = site.text("/administration/targets/first").await;
    for part in [
        "Folder on the host that Holdfast runs on",
        "In the configuration of Holdfast",
        &first_target().repository,
        "<a href=\"/protection/gold\">Gold</a>",
        "Check now",
    ] {
        assert!(first.contains(part), "{part}: {first}");
    }
    assert!(!first.contains("If it is lost for good"));
    let cloud = site.text("/administration/targets/cloud").await;
    for part in ["Bucket of an S3-compatible server", "<dd>eu-1</dd>", "both encrypted"] {
        assert!(cloud.contains(part), "{part}: {cloud}");
    }
    assert!(cloud.contains("None. Choose it in a protection policy"));
    let missing = site.get("/administration/targets/dc9").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_fault_stands_on_the_page_with_its_remedy_and_on_the_overview() {
    let mut site = Site::of(&[Role::Administrator, Role::Viewer]);
    *site.facts.targets.lock().unwrap() = vec![away("dc2")];
    let why = "There is no backup target in /mnt/dc2. Check that the right file system is mounted there";
    let text = site.text("/administration/targets/dc2").await;
    assert!(text.contains(why) && text.contains("This backup target cannot be used"));
    assert!(
        !text.contains("holdfast target adopt"),
        "only the first can be replaced"
    );
    let overview = site.text("/").await;
    assert!(overview.contains("A backup target cannot be used") && overview.contains(why));
    assert!(overview.contains("prefix are correct.</p>"), "{overview}");
}

#[tokio::test]
async fn a_check_comes_back_with_what_it_found() {
    let mut site = Site::of(&[Role::Administrator]);
    *site.facts.targets.lock().unwrap() = vec![away("dc2")];
    for (name, notice, said) in [
        ("first", "?notice=target-checked", "The check passed"),
        ("dc2", "", "This backup target cannot be used"),
    ] {
        let done = site.post("/fn/targets/check", &[("target", name)]).await;
        assert_eq!(done, format!("/administration/targets/{name}{notice}"));
        assert!(site.text(&done).await.contains(said));
    }
    assert_eq!(site.facts.asked(), ["check first", "check dc2"]);
}

fn folder(name: &str) -> [(&'static str, &str); 5] {
    [
        ("kind", "folder"),
        ("name", name),
        ("folder", "/mnt/dc2 "),
        ("password", "do-not-keep-me"),
        ("make_new", "on"),
    ]
}

fn not_opened(fault: TargetFault) -> TargetFlaw {
    TargetFlaw::TargetNotOpened(Box::new(fault))
}

#[tokio::test]
async fn a_folder_is_added_by_its_path_and_password() {
    let mut site = Site::of(&[Role::Administrator]);
    let form = site.text(NEW).await;
    assert!(form.contains("name=\"folder\"") && !form.contains("name=\"bucket\""));
    assert!(form.contains("maxlength=\"30\"") && form.contains("?kind=s3"));
    let target = "/mnt/dc2".to_owned();
    let refusal = ServiceError::invalid("password", not_opened(TargetFault::WrongPassword { target }));
    *site.facts.refusal.lock().unwrap() = Some(refusal);
    let back = site.post("/fn/targets/add", &folder("dc2")).await;
    let text = site.text(&back).await;
    assert!(text.contains("id=\"target-password-error\"") && text.contains("The password does not open"));
    assert!(text.contains("value=\"dc2\"") && text.contains("value=\"/mnt/dc2 \""));
    assert!(text.contains("name=\"make_new\" type=\"checkbox\" value=\"on\" checked"));
    assert!(!text.contains("do-not-keep-me"));
    let done = site.post("/fn/targets/add", &folder("dc2")).await;
    assert_eq!(done, "/administration/targets/dc2?notice=target-added");
    assert_eq!(site.facts.asked(), ["add dc2 new /mnt/dc2 do-not-keep-me"]);
}

#[tokio::test]
async fn a_bucket_is_added_and_neither_of_its_secrets_comes_back() {
    let mut site = Site::of(&[Role::Administrator]);
    let page = format!("{NEW}?kind=s3");
    let form = site.text(&page).await;
    assert!(form.contains("name=\"bucket\"") && !form.contains("name=\"folder\""));
    assert!(form.contains("value=\"us-east-1\""));
    let fields = |secret| {
        [
            ("kind", "s3"),
            ("name", "cloud"),
            ("endpoint", "https://s3.example"),
            ("region", "eu-1"),
            ("bucket", "backups"),
            ("prefix", "/dc1/"),
            ("access_key", "AKIA"),
            ("secret_key", secret),
            ("password", "do-not-keep-me"),
        ]
    };
    let back = site.post("/fn/targets/add", &fields(" ")).await;
    assert!(back.starts_with(&format!("{page}&flash=")), "{back}");
    assert!(site.text(&back).await.contains("id=\"target-secret_key-error\""));
    let target = "s3:https://s3.example/backups".to_owned();
    let no_bucket = not_opened(TargetFault::NoBucket { target });
    *site.facts.refusal.lock().unwrap() = Some(ServiceError::invalid("bucket", no_bucket));
    let back = site.post("/fn/targets/add", &fields("hush")).await;
    let text = site.text(&back).await;
    assert!(text.contains("id=\"target-bucket-error\"") && text.contains("value=\"AKIA\""));
    assert!(!text.contains("hush") && !text.contains("do-not-keep-me"));
    let done = site.post("/fn/targets/add", &fields("hush")).await;
    assert_eq!(done, "/administration/targets/cloud?notice=target-added");
    let asked = "add cloud s3:https://s3.example/backups/dc1 AKIA hush do-not-keep-me";
    assert_eq!(site.facts.asked(), [asked]);
}

#[tokio::test]
async fn a_policy_chooses_among_the_backup_targets() {
    let mut site = Site::of(&[Role::PolicyOwner]);
    *site.facts.targets.lock().unwrap() = vec![target_in_bucket("cloud")];
    let new = site.text("/protection/new").await;
    assert!(new.contains("<option value=\"first\" selected") && new.contains("<option value=\"cloud\""));
    assert!(!new.contains("policy-target-error"));

    *site.facts.policy_target.lock().unwrap() = Some(TargetId::new("cloud"));
    let known = site.text("/protection/gold").await;
    assert!(known.contains("<option value=\"cloud\" selected") && !known.contains("policy-target-error"));
    let list = Site::of(&[Role::Viewer]).text("/protection").await;
    assert!(list.contains("data-label=\"Backup target\">first<"), "{list}");
    let read = Site::of(&[Role::Viewer]).text("/protection/gold").await;
    assert!(read.contains("<dt>Backup target</dt><dd>first</dd>"), "{read}");
}

#[tokio::test]
async fn a_policy_whose_target_is_gone_says_so_at_the_field_and_keeps_it_chosen() {
    let mut site = Site::of(&[Role::PolicyOwner]);
    *site.facts.policy_target.lock().unwrap() = Some(TargetId::new("dc2"));
    let text = site.text("/protection/gold").await;
    assert!(text.contains("id=\"policy-target-error\"") && text.contains("There is no backup target dc2, so"));
    assert!(text.contains("<option value=\"dc2\" selected"), "{text}");
    assert!(!text.contains("This could not be done"), "nothing was tried");

    // What another field was refused for stays to be seen, and the choice that was made is no error.
    let fields = [
        ("policy", "gold"),
        ("method", "reflink"),
        ("gate", "free"),
        ("target", "first"),
    ];
    let back = site.post("/fn/policies/save", &fields).await;
    let text = site.text(&back).await;
    assert!(text.contains("id=\"policy-patience_secs-error\""), "{text}");
    assert!(text.contains("<option value=\"first\" selected") && !text.contains("policy-target-error"));
}
