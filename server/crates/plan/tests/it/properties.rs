//! What holds for every plan of every shape of machine.

use crate::common::{World, actions, world};
use domain::plan::{Action, Bindings, Plan, PlanHash, Said, SealedPlan, Step};
use domain::policy::BackupMethod;
use domain::say::Language;
use ovm::estate::VmState;
use ovm::shell::Shell;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::{BTreeMap, BTreeSet};

prop_compose! {
    /// Worlds with one to four file disks anywhere, running or not, with and without all that changes a plan.
    fn worlds()(
        method in select(BackupMethod::ALL.to_vec()),
        slots in subsequence(vec![0u32, 1, 2, 5, 9], 1..=4),
        repositories in prop::collection::vec(select(vec!["gold", "silver", "nfs", "odd"]), 4),
        (running, ha, may_kill, lun, leave_stopped, one_server) in any::<(bool, bool, bool, bool, bool, bool)>(),
    ) -> World {
        let disks: Vec<(u32, &str)> = slots.into_iter().zip(repositories).collect();
        let mut world = world(method, &disks);
        world.vm().state = if running { VmState::Running } else { VmState::Stopped };
        world.vm().high_availability = ha;
        world.rules().may_kill = may_kill;
        world.options.leave_stopped = leave_stopped;
        if lun {
            world.add_lun(7);
        }
        if one_server {
            world.context.reachable.truncate(1);
        }
        world
    }
}

fn plans(world: &World) -> [Plan; 2] {
    [world.backup().unwrap(), world.restore(&world.point()).unwrap()]
}

fn hash(plan: Plan) -> PlanHash {
    SealedPlan::seal(plan).unwrap().hash().clone()
}

/// The names inside `${}` of one action.
fn placeholders(action: &Action) -> BTreeSet<String> {
    let json = serde_json::to_string(action).unwrap();
    json.split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// Whether the step makes something in the estate that has to go again.
fn makes_something(step: &Step) -> bool {
    match &step.action {
        Action::Ovmcli { command } => ["create", "clone"].iter().any(|verb| command.is(verb)),
        Action::Shell { shell } => programs(shell)
            .iter()
            .any(|program| ["mkdir", "reflink", "mv"].contains(&program.as_str())),
        Action::WriteDisk { .. } => true,
        _ => false,
    }
}

fn programs(shell: &Shell) -> Vec<String> {
    shell
        .commands
        .iter()
        .flat_map(|line| &line.stages)
        .filter_map(|argv| argv.0.first().cloned())
        .collect()
}

/// What goes with something else: mappings with their customizer, files with their directory.
fn goes_with(step: &Step) -> Option<&'static str> {
    let id = step.id.as_str();
    [("map-", "customizer"), ("reflink-", "dir-"), ("write-", "dir-")]
        .into_iter()
        .find_map(|(prefix, keeper)| id.starts_with(prefix).then_some(keeper))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ids_are_unique(world in worlds()) {
        for plan in plans(&world) {
            let ids: BTreeSet<&str> = plan.steps.iter().map(|step| step.id.as_str()).collect();
            prop_assert_eq!(ids.len(), plan.steps.len());
        }
    }

    #[test]
    fn every_placeholder_is_learned_before_it_is_used(world in worlds()) {
        for plan in plans(&world) {
            let mut known = Bindings(BTreeMap::new());
            for step in &plan.steps {
                let undo = step.undo.iter().map(|undo| &undo.action);
                for name in std::iter::once(&step.action).chain(undo).flat_map(placeholders) {
                    prop_assert!(known.0.contains_key(&name), "{} uses {name}", step.id);
                }
                known.0.extend(step.binds.iter().map(|bind| (bind.name().to_owned(), String::new())));
            }
        }
    }

    #[test]
    fn what_is_made_is_undone_or_removed_in_any_case(world in worlds()) {
        for plan in plans(&world) {
            let undoes = |prefix: &str| plan.steps.iter().any(|step| step.id.starts_with(prefix) && !step.undo.is_empty());
            for step in plan.steps.iter().filter(|step| makes_something(step)) {
                prop_assert!(!step.undo.is_empty() || goes_with(step).is_some_and(undoes), "{}", step.id);
            }
        }
    }

    #[test]
    fn what_is_stopped_or_changed_is_started_and_changed_back(world in worlds()) {
        for plan in plans(&world) {
            for step in &plan.steps {
                let changes = matches!(step.action, Action::StopVm { .. }) || step.id == "ha-off";
                prop_assert!(!changes || !step.undo.is_empty(), "{}", step.id);
            }
            prop_assert_eq!(plan.position("ha-off").is_some(), plan.position("ha-on").is_some());
        }
    }

    #[test]
    fn the_same_world_gives_the_same_plan(world in worlds()) {
        prop_assert_eq!(plans(&world).map(hash), plans(&world).map(hash));
    }

    #[test]
    fn a_change_of_any_step_changes_the_hash(world in worlds(), at in any::<prop::sample::Index>()) {
        for plan in plans(&world) {
            let at = at.index(plan.steps.len());
            let (mut other, mut shorter) = (plan.clone(), plan.clone());
            other.steps[at].title = Said::Text("x".into());
            shorter.steps.remove(at);
            let hashes = BTreeSet::from([plan, other, shorter].map(|plan| hash(plan).to_string()));
            prop_assert_eq!(hashes.len(), 3);
        }
    }

    #[test]
    fn a_plan_survives_being_stored(world in worlds()) {
        for plan in plans(&world) {
            let sealed = SealedPlan::seal(plan.clone()).unwrap();
            let opened = SealedPlan::open(sealed.canonical().to_owned(), sealed.hash()).unwrap();
            prop_assert_eq!(opened.plan(), &plan);
        }
    }

    #[test]
    fn every_action_has_a_text_and_commands_stand_in_it_as_they_are_sent(world in worlds()) {
        for plan in plans(&world) {
            for action in actions(&plan) {
                let text = plan::render::action(action, Language::En);
                prop_assert!(!text.is_empty() && !text.contains("not sent"), "{action:?}");
                match action {
                    Action::Ovmcli { command } => prop_assert_eq!(text, ovm::ovmcli::render(command).unwrap()),
                    Action::Shell { shell } => prop_assert_eq!(text, shell.render().unwrap()),
                    _ => {}
                }
            }
        }
    }
}
