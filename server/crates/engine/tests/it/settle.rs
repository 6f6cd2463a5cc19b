//! Runs that need an administrator: nobody else goes on, he settles them once, and the machine is free again.

use domain::error::ServiceError;
use domain::ids::RunId;
use domain::run::{Decision, RunState, Settlement};
use lab::Fault;
use world::{World, told};

const VM: &str = "web01";

/// A world in which the machine is backed up and then overwritten.
struct Scene {
    world: World,
    point: domain::ids::PointId,
    good: Vec<String>,
    overwritten: Vec<String>,
}

impl Scene {
    async fn set() -> Self {
        let world = World::start().await;
        let (point, good, overwritten) = world.overwritten(VM).await;
        Self {
            world,
            point,
            good,
            overwritten,
        }
    }

    async fn decide(&self, run: &RunId, decision: Decision) {
        let operator = &self.world.people.operator;
        self.world.backend.runs.decide(operator, run, decision).await.unwrap();
    }

    /// Waits until the run stands still, and makes sure that it keeps others from the machine.
    async fn stands_still(&self, run: &RunId) -> String {
        let ended = self.world.ended(run).await;
        assert_eq!(ended.summary.state, RunState::NeedsOperator, "{ended:#?}");
        let (runs, operator) = (&self.world.backend.runs, &self.world.people.operator);
        let waiting = self.world.start_backup(VM).await;
        let summary = self.world.run(&waiting).await.summary;
        assert_eq!(
            (summary.state, summary.waiting_for),
            (RunState::Queued, vec![run.clone()])
        );
        runs.cancel(operator, &waiting).await.unwrap();
        assert_eq!(self.world.run(&waiting).await.summary.state, RunState::Cancelled);
        told(&ended.summary)
    }

    /// What the page of the run offers.
    async fn offered(&self, run: &RunId) -> Vec<Settlement> {
        self.world.run(run).await.settlements
    }

    async fn settle(&self, run: &RunId, settlement: Settlement) -> Result<(), ServiceError> {
        let admin = &self.world.people.admin;
        self.world.backend.runs.settle(admin, run, settlement).await
    }

    /// The run has ended so, with these bytes, and the machine is free for the next run.
    async fn ended(self, run: &RunId, state: RunState, bytes: &[String]) {
        let world = self.world;
        let ended = world.ended(run).await;
        assert_eq!(ended.summary.state, state, "{ended:#?}");
        assert_eq!(world.hashes(VM, &[0]), bytes);
        assert!(world.vm_is_running(VM).await);
        world.assert_clean("a run that was settled");
        let trail = world.store.audit_all().await.unwrap();
        let settled = trail.iter().filter(|row| row.event.event == "run.settled.v1");
        let by: Vec<&str> = settled.map(|row| row.event.actor.as_str()).collect();
        assert_eq!(by, ["admin"]);
        world.back_up(VM).await;
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_back_that_got_stuck_goes_on_back_although_the_operator_says_go_on() {
    let scene = Scene::set().await;
    let run = scene.world.restored(&scene.point).await;
    scene.world.lab.faults().arm(Fault::ServerFails {
        contains: "mv -T".into(),
        status: 1,
    });
    scene.decide(&run, Decision::RollBack).await;
    let message = scene.stands_still(&run).await;
    assert!(message.starts_with("“Put"), "{message}");
    assert_eq!(scene.offered(&run).await, [Settlement::GoBack]);
    scene.settle(&run, Settlement::GoOn).await.unwrap();
    let late = scene.settle(&run, Settlement::GoBack).await.unwrap_err();
    assert!(matches!(late, ServiceError::Conflict(_)), "{late}");
    let bytes = scene.overwritten.clone();
    scene.ended(&run, RunState::RolledBack, &bytes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_the_point_of_no_return_a_run_only_goes_on() {
    let scene = Scene::set().await;
    let run = scene.world.restored(&scene.point).await;
    scene.world.lab.faults().arm(Fault::ServerFails {
        contains: "rm -rf".into(),
        status: 1,
    });
    scene.decide(&run, Decision::Commit).await;
    let message = scene.stands_still(&run).await;
    assert!(message.starts_with("Delete the replaced files"), "{message}");
    assert_eq!(scene.offered(&run).await, [Settlement::GoOn]);
    let refused = scene.settle(&run, Settlement::GoBack).await.unwrap_err();
    assert!(refused.to_string().contains("cannot be undone"), "{refused}");
    scene.settle(&run, Settlement::GoOn).await.unwrap();
    let bytes = scene.good.clone();
    scene.ended(&run, RunState::Succeeded, &bytes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_unknown_outcome_is_undone_with_all_before_it_when_the_operator_says_so() {
    let scene = Scene::set().await;
    // Once when it is tried, and once when it is tried again.
    for _ in 0..2 {
        scene.world.lab.faults().arm(Fault::CutBefore {
            command: "start Vm".into(),
        });
    }
    let run = scene.world.start_restore(&scene.point).await;
    let message = scene.stands_still(&run).await;
    assert!(message.starts_with("Start the VM"), "{message}");
    assert_eq!(scene.offered(&run).await, [Settlement::GoOn, Settlement::GoBack]);
    assert_eq!(scene.world.hashes(VM, &[0]), scene.good);
    scene.settle(&run, Settlement::GoBack).await.unwrap();
    let ended = scene.world.ended(&run).await;
    assert_eq!(ended.settlements, []);
    assert_eq!(ended.request.unwrap().approvals(), 1);
    let told = told(&ended.summary);
    assert!(
        told.starts_with(&message) && told.contains("Everything is undone."),
        "{told}"
    );
    let bytes = scene.overwritten.clone();
    scene.ended(&run, RunState::Failed, &bytes).await;
}
