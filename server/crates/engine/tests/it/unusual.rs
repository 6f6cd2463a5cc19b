//! Plans of steps that no planner makes: what a step means stands in its fields, never in its looks.

use domain::ids::RunId;
use domain::plan::{Action, Conduct, Guard, NoReturn, Place, Plan, Said, SealedPlan, Step, WhenStuck};
use domain::policy::{BackupMethod, RestoreGate};
use domain::run::{JournalEntry, Outcome, Phase, RunDetail, RunState};
use domain::say::{Language, together};
use domain::time::Timestamp;
use ovm::ids::ServerId;
use ovm::shell::Shell;
use store::NewRun;
use world::World;

const VM: &str = "web01";

pub async fn world() -> World {
    let world = World::start().await;
    world.protect(VM, BackupMethod::Reflink, RestoreGate::Free).await;
    world
}

/// Makes of the plan of a backup one with other steps, and starts it.
pub async fn started(world: &World, change: impl FnOnce(&mut Plan, &Ground)) -> RunId {
    let operator = &world.people.operator;
    let mut plan = world.planned_backup(VM).await.plan;
    let ground = Ground::of(world, &plan).await;
    change(&mut plan, &ground);
    let sealed = SealedPlan::seal(plan).unwrap();
    let header = &sealed.plan().header;
    let tx = world.store.begin().await.unwrap();
    tx.insert_plan(&sealed, &operator.id, Timestamp(0)).await.unwrap();
    tx.insert_run(&NewRun {
        id: header.run.clone(),
        plan_hash: sealed.hash().clone(),
        kind: header.purpose.kind(),
        subject: header.subject.clone(),
        touches: vec![header.subject.at()],
        started_by: operator.name.clone(),
        queued_at: header.planned_at,
        request: None,
        point: None,
        window: domain::request::Window::default(),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    header.run.clone()
}

/// The directory of a run in a repository, made by a step of any name and removed by its undo.
pub struct Ground {
    server: Place,
    pub dir: String,
}

impl Ground {
    async fn of(world: &World, plan: &Plan) -> Self {
        let estate = world.backend.estate.estate(&world.people.operator, &world.manager);
        let estate = estate.await.unwrap().estate;
        let vm = estate.vm(&world.vm(VM)).unwrap();
        let (repository, tag) = (vm.repository.as_ref().unwrap(), plan.header.run.tag());
        Self {
            server: Place::Server(ServerId::new(world.lab.description().servers[0].id.clone())),
            dir: format!("/OVS/Repositories/{repository}/.holdfast/{tag}"),
        }
    }

    pub fn step(&self, id: &str, words: &[&str]) -> Step {
        let shell = Shell::one(words.iter().copied());
        Step::new(id, Said::Text(id.into()), self.server.clone(), Action::Shell { shell })
    }

    pub fn makes(&self, id: &str) -> Step {
        let made = format!("{}/made", self.dir);
        let make = Shell::one(["mkdir", "-p", &self.dir]).and(["touch", &made]);
        let remove = Shell::one(["rm", "-rf", &self.dir]);
        let (make, remove) = (Action::Shell { shell: make }, Action::Shell { shell: remove });
        Step::new(id, Said::Text(id.into()), self.server.clone(), make).undone_by(self.server.clone(), remove)
    }

    fn fails(&self, id: &str) -> Step {
        self.step(id, &["false"]).conducted(Conduct::LOOK)
    }
}

pub fn entry<'a>(run: &'a RunDetail, step: &str, phase: Phase) -> Option<&'a JournalEntry> {
    run.journal
        .iter()
        .find(|entry| entry.step == step && entry.phase == phase)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_called_publish_is_undone_like_any_other() {
    let world = world().await;
    let run = started(&world, |plan, ground| {
        plan.steps = vec![ground.makes("publish"), ground.fails("show")];
    })
    .await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
    let undone = entry(&ended, "publish", Phase::Undo).unwrap();
    assert_eq!(undone.outcome, Some(Outcome::Done));
    world.assert_clean("a backup that published nothing");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_any_name_can_be_the_one_that_stays() {
    let world = world().await;
    let run = started(&world, |plan, ground| {
        plan.steps = vec![
            ground.makes("zebra").no_return(NoReturn::OnceDone),
            ground.fails("show"),
        ];
    })
    .await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::NeedsOperator, "{ended:#?}");
    assert!(entry(&ended, "zebra", Phase::Undo).is_none());
    assert!(!world.lab.orphans().is_empty(), "what it made is there");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_keeps_any_step_from_acting() {
    let world = world().await;
    let stopped = Guard::VmStopped { vm: world.vm(VM) };
    assert!(world.vm_is_running(VM).await);
    let run = started(&world, |plan, ground| {
        plan.steps = vec![ground.makes("zebra").guarded(stopped)];
    })
    .await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::Failed, "{ended:#?}");
    let refused = entry(&ended, "zebra", Phase::Forward).unwrap();
    assert!(
        together(&refused.notes, Language::En).contains("no longer stopped"),
        "{refused:?}"
    );
    world.assert_clean("a step that its guard kept from acting");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_keeps_any_step_from_being_undone() {
    let world = world().await;
    let stopped = Guard::VmStopped { vm: world.vm(VM) };
    let run = started(&world, |plan, ground| {
        plan.header.when_stuck = WhenStuck::AskPerson;
        plan.steps = vec![ground.makes("zebra").undo_guarded(stopped), ground.fails("show")];
    })
    .await;
    let ended = world.ended(&run).await;
    assert_eq!(ended.summary.state, RunState::NeedsOperator, "{ended:#?}");
    assert!(!world.lab.orphans().is_empty(), "what it made is there");
    world.stop().await;
}

/// The same clean-up that fails: whether it is left for later or stops the run is said by the plan, not by its purpose.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_whether_a_clean_up_that_fails_stops_the_run() {
    let mut world = world().await;
    for (when_stuck, state) in [
        (WhenStuck::LeaveBehind, RunState::Succeeded),
        (WhenStuck::AskPerson, RunState::NeedsOperator),
    ] {
        let run = started(&world, |plan, ground| {
            plan.header.when_stuck = when_stuck;
            let kept = ground.step("zebra", &["true"]).no_return(NoReturn::OnceDone);
            plan.steps = vec![kept, ground.fails("sweep").always()];
        })
        .await;
        let ended = world.ended(&run).await;
        assert_eq!(ended.summary.state, state, "{ended:#?}");
        assert_eq!(ended.leftovers.is_empty(), when_stuck == WhenStuck::AskPerson);
        world.restart(None).await;
    }
    world.stop().await;
}
