//! The download of the audit trail.

use super::browser::{Browser, header, text};
use axum::http::StatusCode;
use domain::audit::{AuditEvent, AuditRow, AuditSubject, TrailLine};
use domain::error::ServiceError;
use domain::plan::Said;
use domain::time::Timestamp;

fn line(seq: i64) -> TrailLine {
    let event = AuditEvent {
        at: Timestamp(seq),
        actor: "olga".into(),
        event: "backup.started.v1".into(),
        subject: AuditSubject::Told("vm 1".into()),
        plan_hash: None,
        detail: Said::Text("Two\nlines.".into()),
        address: None,
    };
    let hash = format!("hash{seq}");
    TrailLine::new(AuditRow { seq, event, hash }, &format!("hash{}", seq - 1))
}

#[tokio::test]
async fn the_trail_is_saved_with_one_row_a_line() {
    let mut browser = Browser::logged_in().await;
    *browser.fake.trail.lock().unwrap() = vec![Ok(vec![line(1), line(2)]), Ok(vec![line(3)])];
    let answer = browser.get("/audit/trail.jsonl").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(header(&answer, "content-type"), "application/jsonl");
    assert_eq!(
        header(&answer, "content-disposition"),
        "attachment; filename=\"trail.jsonl\""
    );
    let text = text(answer).await;
    let lines: Vec<TrailLine> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, [line(1), line(2), line(3)]);
    assert!(text.ends_with('\n'), "{text}");
}

#[tokio::test]
async fn a_trail_that_breaks_off_is_no_whole_file() {
    let mut browser = Browser::logged_in().await;
    let failure = ServiceError::Internal { reference: "x".into() };
    *browser.fake.trail.lock().unwrap() = vec![Ok(vec![line(1)]), Err(failure)];
    let answer = browser.get("/audit/trail.jsonl").await;
    let read = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
    assert!(read.is_err(), "{read:?}");
}

#[tokio::test]
async fn the_trail_is_not_for_everybody() {
    let answer = Browser::logged_in().await.get("/audit/trail.jsonl").await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let text = text(answer).await;
    assert!(text.contains("This needs the role Auditor"), "{text}");
    let stranger = Browser::new().get("/audit/trail.jsonl").await;
    assert_eq!(stranger.status(), StatusCode::SEE_OTHER);
}
