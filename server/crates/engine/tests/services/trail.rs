//! The audit trail page by page.

use crate::house::{House, of_all};
use domain::actor::Role;
use domain::audit::AuditEvent;
use domain::services::AuditFilter;
use domain::time::Timestamp;

fn event(number: i64) -> AuditEvent {
    AuditEvent {
        at: Timestamp(number),
        actor: "olga".into(),
        event: "backup.started.v1".into(),
        subject: format!("vm {number}"),
        plan_hash: None,
        detail: String::new(),
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
