//! The audit trail page by page, and as an auditor takes it away.

use crate::house::{House, of_all};
use domain::actor::Role;
use domain::audit::AuditSubject;
use domain::audit::{AuditEvent, TrailLine};
use domain::plan::Said;
use domain::services::AuditFilter;
use domain::time::Timestamp;
use futures::{StreamExt, TryStreamExt};
use std::path::Path;
use std::process::Command;

fn event(number: i64) -> AuditEvent {
    AuditEvent {
        at: Timestamp(number),
        actor: "olga".into(),
        event: "backup.started.v1".into(),
        subject: AuditSubject::Told(format!("vm {number}")),
        plan_hash: None,
        detail: Said::Text(String::new()),
        address: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_back_to_the_first_row_and_the_text_narrows_them() {
    let house = House::empty().await;
    let tx = house.store.begin().await.unwrap();
    for number in 1..=203 {
        tx.audit(&event(number)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let auditor = of_all(Role::Auditor);
    let audit = &house.backend.audit;
    let newest = audit.page(&auditor, &AuditFilter::default()).await.unwrap();
    assert_eq!((newest.rows.len(), newest.more, newest.broken_at), (200, true, None));
    assert_eq!((newest.rows[0].seq, newest.rows[199].seq), (203, 4));
    let before = AuditFilter {
        before: Some(4),
        ..AuditFilter::default()
    };
    let oldest = audit.page(&auditor, &before).await.unwrap();
    assert_eq!((oldest.rows.len(), oldest.more), (3, false));
    let text = AuditFilter {
        text: Some(" VM 20 ".into()),
        ..AuditFilter::default()
    };
    let found = audit.page(&auditor, &text).await.unwrap();
    let found: Vec<i64> = found.rows.iter().map(|row| row.seq).collect();
    assert_eq!(found, [203, 202, 201, 200, 20]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_every_row_in_order_and_ends_with_itself() {
    let house = House::empty().await;
    let tx = house.store.begin().await.unwrap();
    for number in 1..=2003 {
        tx.audit(&event(number)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let auditor = of_all(Role::Auditor);
    let mut parts = house.backend.audit.export(&auditor).await.unwrap();
    let first = parts.next().await.unwrap().unwrap();
    // What is written while somebody reads does not belong to it any more.
    let tx = house.store.begin().await.unwrap();
    tx.audit(&event(1)).await.unwrap();
    tx.commit().await.unwrap();
    let mut parts: Vec<Vec<TrailLine>> = parts.try_collect().await.unwrap();
    parts.insert(0, first);
    let sizes: Vec<usize> = parts.iter().map(Vec::len).collect();
    assert_eq!(sizes, [1000, 1000, 4], "no part grows with the trail");
    let lines = parts.concat();
    let seqs: Vec<i64> = lines.iter().map(|line| line.seq).collect();
    assert_eq!(seqs, (1..=2004).collect::<Vec<i64>>());
    assert_eq!(lines[0].previous, "");
    assert!(lines.windows(2).all(|pair| pair[1].previous == pair[0].hash));
    let last = &lines[2003].event;
    let told = (last.actor.as_str(), last.event.as_str(), &last.subject);
    assert_eq!(told, ("auditor", "trail.exported.v1", &AuditSubject::Trail));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_of_the_readme_follows_an_export_and_finds_a_change() {
    let house = House::empty().await;
    let awkward = AuditEvent {
        detail: Said::Text("„Gold“, \"50 %\"\r\n\t\u{1}\u{1f}\u{7f}\u{85}\u{2028}\u{1f600}\\u0041 </script>".into()),
        plan_hash: Some("c0ffee".into()),
        address: Some("192.0.2.7".into()),
        ..event(1_766_000_000_050)
    };
    let tx = house.store.begin().await.unwrap();
    for event in [event(1), awkward, event(0)] {
        tx.audit(&event).await.unwrap();
    }
    tx.commit().await.unwrap();
    let parts = house.backend.audit.export(&of_all(Role::Auditor)).await.unwrap();
    let lines: Vec<TrailLine> = parts.try_concat().await.unwrap();
    let file: String = lines.iter().map(|line| line.json().unwrap()).collect();

    let whole = followed(&file);
    let said = format!("4 entries, the chain is intact. Last hash: {}\n", lines[3].hash);
    assert_eq!(whole, (true, said));
    let changed = followed(&file.replace("192.0.2.7", "192.0.2.8"));
    assert_eq!(changed, (false, "Entry 2 does not match the one before it.\n".into()));
    let missing: String = file.split_inclusive('\n').skip(1).collect();
    assert_eq!(followed(&missing).1, "Entry 2 does not match the one before it.\n");
}

/// What the script of the README says of an exported trail, and whether it is content.
fn followed(trail: &str) -> (bool, String) {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let script = readme.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trail.jsonl"), trail).unwrap();
    let python = Command::new("python3")
        .args(["-c", script])
        .current_dir(folder.path())
        .output()
        .expect("python3 is one of the packages that `cargo xtask test` installs");
    let said = [python.stdout, python.stderr].concat();
    (python.status.success(), String::from_utf8(said).unwrap())
}
