//! Jobs: time, locks, asynchronous commands, aborts.

use crate::harness::{Ssh, TestLab};
use lab::{Fault, Mode};
use ovm::ovmcli::{Status, parse_answers};
use std::time::Duration;

#[tokio::test]
async fn a_lock_is_reported_in_the_documented_words() {
    let test = TestLab::start().await;
    test.lab.faults().arm(Fault::Locked {
        command: "edit Vm".to_owned(),
        attempts: 2,
    });
    let id = test.lab.vm_id("web01").unwrap();
    for _ in 0..2 {
        let answer = test.answer("edit Vm name=web01 memory=1024").await;
        assert_eq!(
            answer.error.unwrap().message,
            format!(
                "GEN_000029:Object web01:{id}\nof type Vm could not be modified as it was locked when it was fetched."
            )
        );
    }
    test.ok("edit Vm name=web01 memory=1024").await;
    test.lab.stop().await;
}

#[tokio::test]
async fn asynchronous_commands_answer_before_their_job_ends() {
    let test = TestLab::with(|options| options.mode = Mode::Explicit).await;
    let manager = &test.lab.description().manager;
    let ssh = Ssh::password(manager.port, "admin", &manager.password).await.unwrap();
    let ran = ssh
        .run(
            "set CommandMode=Asynchronous;stop Vm name=web01;show Vm name=web01",
            &[],
        )
        .await;
    let answers = parse_answers(&ran.stdout);
    let job = answers[1].job_id.clone().unwrap();
    assert_eq!((job.len(), answers[1].status), (13, Status::Success));
    let show = |answer: &ovm::ovmcli::Answer, key: &str| {
        answer
            .properties
            .iter()
            .find(|property| property.key == key)
            .map(|property| property.value.clone())
    };
    assert_eq!(show(&answers[2], "Locked").as_deref(), Some("true"));
    assert_eq!(show(&answers[2], "Status").as_deref(), Some("Running"));
    let listed = test.ok("list Job").await;
    assert!(
        listed
            .items
            .iter()
            .any(|item| item.id == job && item.name == "Stop Vm: web01"),
        "{listed:?}"
    );
    assert_eq!(test.property(&format!("Job id={job}"), "Summary Done").await, "No");
    assert!(
        test.error("edit Vm name=web01 memory=1024")
            .await
            .contains("GEN_000029")
    );
    test.lab.push_jobs(1);
    while test.property(&format!("Job id={job}"), "Summary Done").await != "Yes" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(
        test.property(&format!("Job id={job}"), "Summary State").await,
        "Success"
    );
    assert_eq!(test.property("Vm name=web01", "Status").await, "Stopped");
    test.lab.stop().await;
}

#[tokio::test]
async fn an_aborted_job_changes_nothing_more_and_gives_its_object_free() {
    let test = TestLab::with(|options| options.mode = Mode::Explicit).await;
    let stopping = test.lab.clone();
    let stopping = tokio::spawn(async move { stopping.execute("stop Vm name=web01").await });
    let job = loop {
        if let Some(job) = test.ok("list Job").await.items.pop() {
            break job.id;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    test.ok(&format!("abort Job id={job}")).await;
    test.lab.push_jobs(1);
    let text = stopping.await.unwrap();
    assert!(text.contains("Status: Failure") && text.contains("aborted"), "{text}");
    assert_eq!(
        test.property(&format!("Job id={job}"), "Summary State").await,
        "Aborted"
    );
    assert_eq!(test.property("Vm name=web01", "Status").await, "Running");
    assert_eq!(test.property("Vm name=web01", "Locked").await, "false");
    test.lab.stop().await;
}

#[tokio::test]
async fn power_states_follow_the_rules() {
    let test = TestLab::start().await;
    let list = async || test.shell("xm list").await.contains(&test.lab.vm_id("web01").unwrap());
    assert!(test.error("start Vm name=web01").await.contains("OVMAPI_4010E"));
    assert!(test.error("delete Vm name=web01").await.contains("not stopped"));
    test.lab.faults().arm(Fault::IgnoreStop);
    assert!(test.error("stop Vm name=web01").await.contains("did not shut down"));
    assert!(list().await);
    test.ok("kill Vm name=web01").await;
    assert!(!list().await);
    assert!(test.error("stop Vm name=web01").await.contains("OVMAPI_4010E"));
    test.ok("start Vm name=web01").await;
    assert!(list().await);
    assert!(
        test.error("start Vm name='OL7 template'")
            .await
            .contains("OVMAPI_4010E")
    );
    test.lab.stop().await;
}
