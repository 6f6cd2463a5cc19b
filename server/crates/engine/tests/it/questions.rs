//! Steps that a person does: the run waits, takes what was seen if the plan expects it, and goes on or is undone.

use crate::unusual::{Ground, entry, started, world};
use domain::error::ServiceError;
use domain::ids::RunId;
use domain::plan::{Action, Bind, Line, Place, Plan, Question, Rule, Said, Step};
use domain::run::{Decision, Outcome, Phase, RunState};
use domain::say::{Language, together};
use ovm::shell::Shell;
use world::World;

/// Makes a directory, asks a person, and makes a file in it that is called what the person has seen.
fn asks(plan: &mut Plan, ground: &Ground, expects: Rule) {
    let lines = vec![Line::Shell(Shell::one(["cat", "/proc/sys/kernel/hostname"]))];
    let question = Question::Confirm { lines, expects };
    let ask = Step::new(
        "ask",
        Said::Text("Look".into()),
        Place::Person,
        Action::Ask { question },
    );
    let ask = ask.binding(Bind::Observed { name: "seen".into() });
    let file = format!("{}/${{seen}}", ground.dir);
    plan.steps = vec![
        ground.makes("make"),
        ask,
        ground.step("use", &["touch", &file]),
        ground.step("clear", &["rm", "-rf", &ground.dir]),
    ];
}

async fn waiting(world: &World, expects: Rule) -> RunId {
    let run = started(world, |plan, ground| asks(plan, ground, expects)).await;
    let detail = world.waiting(&run).await;
    assert_eq!(detail.asks.map(|step| step.id).as_deref(), Some("ask"));
    assert_eq!(detail.decide_before, None);
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_with_what_a_person_has_seen_and_with_nothing_else() {
    let mut world = world().await;
    let run = waiting(&world, Rule::Equal { to: "0004FB".into() }).await;
    // Nobody has it in hand, and whoever takes it up after a restart waits on.
    world.restart(None).await;
    let (runs, operator) = (world.backend.runs.clone(), world.people.operator.clone());
    let confirm = async |step: &str, seen: &str| runs.confirm(&operator, &run, step, seen).await;
    let other = confirm("ask", "0004f0").await.unwrap_err();
    assert!(
        matches!(&other, ServiceError::Invalid { field, .. } if field == "observed"),
        "{other}"
    );
    assert!(other.to_string().contains("0004FB"), "{other}");
    let lines = confirm("ask", "0004fb\0\n0004fb").await.unwrap_err();
    assert!(lines.to_string().contains("one line"), "{lines}");
    assert!(matches!(
        confirm("use", "0004fb").await,
        Err(ServiceError::Conflict { .. })
    ));
    let commit = runs.decide(&operator, &run, Decision::Commit).await;
    assert!(
        matches!(commit, Err(ServiceError::Conflict { .. })),
        "nothing is to be committed"
    );
    confirm("ask", " 0004fb ").await.unwrap();
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Succeeded, "{ended:#?}");
    let asked = entry(&ended, "ask", Phase::Forward).unwrap();
    assert_eq!(asked.outcome, Some(Outcome::Done));
    let told = together(&asked.notes, Language::En);
    assert_eq!(told, format!("Confirmed by {}, who saw: 0004fb.", operator.name));
    assert_eq!(asked.learned.0.get("seen").map(String::as_str), Some("0004fb"));
    assert_eq!(
        entry(&ended, "use", Phase::Forward).unwrap().outcome,
        Some(Outcome::Done)
    );
    assert!(
        matches!(confirm("ask", "0004fb").await, Err(ServiceError::Conflict { .. })),
        "once"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_undone_when_nobody_can_do_what_it_asks_for() {
    let world = world().await;
    let run = waiting(&world, Rule::Seen).await;
    assert!(!world.lab.orphans().is_empty(), "what it made is there");
    let (runs, operator) = (&world.backend.runs, &world.people.operator);
    runs.decide(operator, &run, Decision::RollBack).await.unwrap();
    let late = runs.confirm(operator, &run, "ask", "").await;
    assert!(matches!(late, Err(ServiceError::Conflict { .. })), "{late:?}");
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::RolledBack, "{ended:#?}");
    assert!(entry(&ended, "use", Phase::Forward).is_none());
    world.assert_clean("a run that was undone");
    world.stop().await;
}
