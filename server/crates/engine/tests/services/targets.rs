//! The registry of backup targets: what is added to it, and what a check of one says.

use crate::house::{House, TARGET_PASSWORD, of_all};
use crate::target::faults;
use domain::actor::Role;
use domain::error::ServiceError;
use domain::fault::TargetFault;
use domain::ids::TargetId;
use domain::say::{Language, Say};
use domain::target::{AccessKey, Location, NewTarget};
use engine::adopt_target;
use engine::core::SystemClock;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

fn second(house: &House, change: impl FnOnce(&mut NewTarget)) -> NewTarget {
    let mut new = NewTarget {
        name: "dc2".into(),
        location: Location::Folder {
            folder: house.target().with_extension("dc2").display().to_string(),
        },
        access_key: None,
        password: "another password".into(),
        make_new: false,
    };
    change(&mut new);
    new
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_added_when_it_has_let_us_in_and_not_before() {
    let house = House::furnished().await;
    let admin = of_all(Role::Administrator);
    let targets = &house.backend.targets;
    let refused = targets.add(&admin, second(&house, |_| ())).await.unwrap_err();
    assert!(
        refused.to_string().contains("There is no backup target in"),
        "{refused}"
    );
    let added = targets.add(&admin, second(&house, |new| new.make_new = true)).await;
    let id = added.unwrap();
    for (change, why) in [
        (
            (|new| new.name = "DC 2".into()) as fn(&mut NewTarget),
            "lower-case letters",
        ),
        (|_| (), "already"),
        (
            |new| {
                new.name = "dc3".into();
                new.password = "a wrong one".into();
            },
            "The password does not open",
        ),
        (|new| new.name = "dc3".into(), "another name already"),
        (
            |new| new.location = Location::Folder { folder: "dc3".into() },
            "absolute path",
        ),
    ] {
        let refused = targets.add(&admin, second(&house, change)).await.unwrap_err();
        assert!(refused.to_string().contains(why), "{why}: {refused}");
    }
    let listed = targets.list(&admin).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed[0].id.is_first() && listed[1].id == id && listed[1].fault.is_none());
    assert_eq!(house.trail("target.added.v1").await.len(), 1);
    let row = house.store.target(&id).await.unwrap().unwrap();
    let kept = format!("{row:?}");
    assert!(!kept.contains("another password"), "{kept}");
}

/// Where the name is taken, nothing is made in the place, and no secret is tried.
#[tokio::test(flavor = "multi_thread")]
async fn a_taken_name_leaves_the_place_untouched() {
    let house = House::furnished().await;
    let admin = of_all(Role::Administrator);
    let targets = &house.backend.targets;
    let made = targets.add(&admin, second(&house, |new| new.make_new = true)).await;
    made.unwrap();
    let elsewhere = house.target().with_extension("elsewhere");
    for taken in ["dc2", "first"] {
        let again = second(&house, |new| {
            new.name = taken.into();
            new.make_new = true;
            new.location = Location::Folder {
                folder: elsewhere.display().to_string(),
            };
        });
        let refused = targets.add(&admin, again).await.unwrap_err();
        assert!(
            matches!(&refused, ServiceError::Invalid { field, .. } if field == "name"),
            "{refused}"
        );
        assert!(!elsewhere.exists(), "{taken}: a backup target was made");
    }
}

/// What is wrong stands at the field in which it was entered.
#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_does_not_let_us_in_blames_its_field() {
    let house = House::furnished().await;
    let admin = of_all(Role::Administrator);
    let targets = &house.backend.targets;
    let made = targets.add(&admin, second(&house, |new| new.make_new = true)).await;
    made.unwrap();
    let bucket = |new: &mut NewTarget| {
        new.location = Location::S3 {
            endpoint: "https://s3.example".into(),
            region: "eu-1".into(),
            bucket: "backups".into(),
            prefix: String::new(),
        };
    };
    for (change, blamed, why) in [
        (
            Box::new(|new: &mut NewTarget| {
                new.location = Location::Folder {
                    folder: "/nowhere".into(),
                };
            }) as Box<dyn Fn(&mut NewTarget)>,
            "make_new",
            "There is no backup target in /nowhere",
        ),
        (
            Box::new(|new| new.password = "a wrong one".into()),
            "password",
            "The password does not open",
        ),
        (Box::new(|new| new.password.clear()), "password", "An empty password"),
        (Box::new(bucket), "access_key", "Enter an access key"),
        (
            Box::new(move |new| {
                bucket(new);
                new.access_key = Some(AccessKey {
                    id: "AKIA".into(),
                    secret: "hush".into(),
                });
                if let Location::S3 { endpoint, .. } = &mut new.location {
                    *endpoint = "http://127.0.0.1:1".into();
                }
            }),
            "endpoint",
            "does not answer",
        ),
        (
            Box::new(|new| {
                new.location = Location::S3 {
                    endpoint: "s3.example".into(),
                    region: "eu-1".into(),
                    bucket: "backups".into(),
                    prefix: String::new(),
                };
            }),
            "endpoint",
            "Begin the address with https://",
        ),
    ] {
        let new = second(&house, |new| {
            new.name = "dc3".into();
            change(new);
        });
        let refused = targets.add(&admin, new).await.unwrap_err();
        let ServiceError::Invalid { field, why: flaw } = &refused else {
            panic!("{blamed}: {refused}");
        };
        let reason = flaw.say(Language::En);
        assert_eq!(field, blamed, "{reason}");
        assert!(reason.contains(why) && !reason.contains("hush"), "{reason}");
    }
    assert_eq!(targets.list(&admin).await.unwrap().len(), 2);
}

/// A check looks at the one that this process has opened; another may have been adopted since.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_says_when_another_target_was_adopted() {
    let house = House::furnished().await;
    let admin = of_all(Role::Administrator);
    let targets = &house.backend.targets;
    let first = TargetId::first();
    assert_eq!(targets.check(&admin, &first).await.unwrap().fault, None);
    let other = house.target().with_extension("other");
    adopt_target(&house.store, &SystemClock, &other, TARGET_PASSWORD, true)
        .await
        .unwrap();
    let checked = targets.check(&admin, &first).await.unwrap();
    assert!(
        matches!(checked.fault, Some(TargetFault::AnotherAdopted { .. })),
        "{checked:?}"
    );
    house.backend.health.ready().await.unwrap();
    assert!(faults(&house).await.contains("has been adopted since"));
}

/// Opening reads `config` first: where that is a pipe that nobody writes to, it hangs, as in a file system whose server is
/// gone.
struct Hanging {
    config: PathBuf,
    content: Vec<u8>,
}

impl Hanging {
    fn at(target: &Path) -> Self {
        let config = target.join("config");
        let content = std::fs::read(&config).unwrap();
        std::fs::remove_file(&config).unwrap();
        let made = Command::new("mkfifo").arg(&config).status().unwrap();
        assert!(made.success());
        Self { config, content }
    }

    /// Whoever has opened the pipe reads to its end; the file is there again.
    fn end(self) {
        let pipe = OpenOptions::new().read(true).write(true).open(&self.config).unwrap();
        std::fs::remove_file(&self.config).unwrap();
        std::fs::write(&self.config, &self.content).unwrap();
        drop(pipe);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_whose_opening_hangs_keeps_nobody_from_the_others() {
    let house = House::furnished().await;
    let admin = of_all(Role::Administrator);
    let targets = house.backend.targets.clone();
    let slow = targets.add(&admin, second(&house, |new| new.make_new = true)).await;
    let slow = slow.unwrap();
    let third = second(&house, |new| {
        new.name = "dc3".into();
        new.make_new = true;
        new.location = Location::Folder {
            folder: house.target().with_extension("dc3").display().to_string(),
        };
    });
    let third = targets.add(&admin, third).await.unwrap();

    let hanging = Hanging::at(&house.target().with_extension("dc2"));
    let wait = |id: &TargetId| {
        let (targets, admin, id) = (targets.clone(), admin.clone(), id.clone());
        tokio::spawn(async move { targets.check(&admin, &id).await.unwrap() })
    };
    let waiting = [wait(&slow), wait(&slow)];
    tokio::time::sleep(Duration::from_millis(300)).await;
    let soon = Duration::from_secs(20);
    for id in [&third, &TargetId::first()] {
        let checked = tokio::time::timeout(soon, targets.check(&admin, id)).await;
        assert_eq!(checked.expect("it waits for the other").unwrap().fault, None);
    }
    let ready = tokio::time::timeout(soon, house.backend.health.ready()).await;
    ready.expect("it waits for the other").unwrap();
    assert!(faults(&house).await.contains("dc2 does not answer"));
    assert!(waiting.iter().all(|check| !check.is_finished()));

    hanging.end();
    for check in waiting {
        let checked = tokio::time::timeout(soon, check).await.expect("it still hangs");
        checked.unwrap();
    }
    assert_eq!(targets.check(&admin, &slow).await.unwrap().fault, None);
}

/// One that cannot be opened is named, and keeps nobody from the others.
#[tokio::test(flavor = "multi_thread")]
async fn each_target_is_checked_by_itself() {
    let house = House::furnished().await;
    let admin = of_all(Role::Administrator);
    let targets = &house.backend.targets;
    let id = targets
        .add(&admin, second(&house, |new| new.make_new = true))
        .await
        .unwrap();
    assert_eq!(targets.check(&admin, &id).await.unwrap().fault, None);
    let there = house.target().with_extension("dc2");
    let away = house.target().with_extension("away");
    std::fs::rename(&there, &away).unwrap();
    let checked = targets.check(&admin, &id).await.unwrap();
    assert!(matches!(checked.fault, Some(TargetFault::Absent { .. })), "{checked:?}");
    house.backend.health.ready().await.unwrap();
    assert!(faults(&house).await.contains("dc2"));
    assert_eq!(targets.check(&admin, &TargetId::first()).await.unwrap().fault, None);
    std::fs::rename(&away, &there).unwrap();
    assert_eq!(targets.check(&admin, &id).await.unwrap().fault, None);
    assert_eq!(house.trail("target.checked.v1").await.len(), 4);
    let unknown = targets.check(&admin, &TargetId::new("dc9")).await.unwrap_err();
    assert!(matches!(unknown, ServiceError::NotFound { .. }), "{unknown}");
}
