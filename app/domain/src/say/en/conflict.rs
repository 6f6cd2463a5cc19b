//! What stands in the way of something, and what to do about it.

use super::fault::step_fault;
use crate::error::{
    AccountConflict, Conflict, Crossing, EstateConflict, FormConflict, PointConflict, PolicyConflict, RequestConflict,
    RunConflict, StoredConflict, TargetConflict,
};
use crate::say::Told;

pub(in crate::say) fn conflict(why: &Conflict) -> Told {
    match why {
        Conflict::Plan(why) => super::refusal::refusal(why),
        Conflict::Run(why) => run(why),
        Conflict::Request(why) => request(why),
        Conflict::Policy(why) => policy(why),
        Conflict::Estate(why) => estate(why),
        Conflict::Point(why) => point(why),
        Conflict::Target(why) => target(why),
        Conflict::Account(why) => account(why),
        Conflict::Form(why) => form(why),
        Conflict::Stored(why) => Told::new(stored(why), "Reload the page and try again."),
    }
}

fn run(why: &RunConflict) -> Told {
    const RELOAD: &str = "Reload the page to see its state.";
    match why {
        RunConflict::NotABackup => Told::new("This plan is not a backup.", "A restore is requested, not started."),
        RunConflict::NotARestore => Told::new("This plan is not a restore.", "A backup is started, not requested."),
        RunConflict::PlanUsed => Told::new("This plan was run already.", "Plan again: a plan is run only once."),
        RunConflict::BackupQueued { subject, run } => Told::new(
            format!("A backup of {subject} under the same policy is queued already."),
            format!("It starts automatically when it is its turn: see run {run}."),
        ),
        RunConflict::RunNotInProgress { state } => Told::new(
            format!("The run is not in progress: {}.", state.title().to_lowercase()),
            "Only a run that is queued or running can be cancelled.",
        ),
        RunConflict::RunNotWaiting => Told::new("This run does not wait for this answer.", RELOAD),
        RunConflict::RunNotStuck => Told::new("This run does not need an administrator.", RELOAD),
        RunConflict::RunPastReturn => Told::new(
            "The run has begun what cannot be undone.",
            "Resume it: it looks up what is done already and does the rest.",
        ),
    }
}

fn request(why: &RequestConflict) -> Told {
    match why {
        RequestConflict::PlanRequested => Told::new(
            "This plan was requested already.",
            "Open its request under Restores, or make a new plan from the recovery point.",
        ),
        RequestConflict::RequestExpired { at } => Told::new(
            format!("The request expired at {}.", at.display()),
            "Plan and request the restore again.",
        ),
        RequestConflict::RequestDecided { state } => Told::new(
            format!(
                "The request is no longer pending. Its state is: {}.",
                state.title().to_lowercase()
            ),
            "Reload the page to see what happened.",
        ),
        RequestConflict::OwnRequest => Told::new(
            "You requested this yourself.",
            "Someone else with the role Approver must decide it.",
        ),
        RequestConflict::AlreadyVoted => {
            Told::new("You have already voted on this request.", "Each person has one vote.")
        }
        RequestConflict::OtherThanSeen => Told::new(
            "What is on your screen is not what this request asks for.",
            "Reload the page and read it again.",
        ),
        RequestConflict::NotRequester => Told::new(
            "Somebody else has asked for this.",
            "Only the person who requested it can withdraw it; an approver can veto it.",
        ),
        RequestConflict::RequestBegun { run } => Told::new(
            format!("Run {run} of this request has started or is over."),
            "Open the run: what can still be done is on its page.",
        ),
    }
}

fn policy(why: &PolicyConflict) -> Told {
    match why {
        PolicyConflict::TemplateProtected { name } => Told::new(
            format!("{name} is a template, and templates are not backed up."),
            "Choose a VM.",
        ),
        PolicyConflict::PolicyOfOtherTeam { policy, by } => {
            let remedy = match by {
                Crossing::Assigning => "Choose one of the VM's team, or one that is everybody's.",
                Crossing::MovingPolicy => {
                    "VMs of other teams are under it. Make it everybody's, or take them out first."
                }
                Crossing::MovingObject => "The VM is under it; choose another policy first, or none.",
            };
            Told::new(format!("The policy {policy} belongs to another team."), remedy)
        }
    }
}

fn estate(why: &EstateConflict) -> Told {
    const CORRECT: &str = "Correct it on the Manager, refresh the estate on its page and try again.";
    match why {
        EstateConflict::NeverDiscovered => Told::new(
            "The estate of this Manager has never been discovered.",
            "Refresh it on the page Estate; what stands in the way is shown there.",
        ),
        EstateConflict::ScriptNeedsPool { vm } => {
            Told::new(format!("No server pool is known for the VM {vm}."), CORRECT)
        }
        EstateConflict::ScriptNeedsRepository { vm } => {
            Told::new(format!("The storage repository of the VM {vm} is not known."), CORRECT)
        }
        EstateConflict::ScriptNotWritable { name, detail } => Told::new(
            format!("{name} cannot be rebuilt by a script: {}", super::full_stop(detail)),
            CORRECT,
        ),
        EstateConflict::NoRehearsalGround { detail } => Told::new(
            format!("There is nothing to rehearse on: {}", super::full_stop(detail)),
            "Ask an administrator.",
        ),
    }
}

fn point(why: &PointConflict) -> Told {
    match why {
        PointConflict::NoVmCfg => Told::new(
            "This recovery point holds no vm.cfg, because the Manager did not print one.",
            "Use the rebuild script or the manifest.",
        ),
        PointConflict::NotChecked(fault) => Told::new(
            format!("The integrity check was not made: {}", step_fault(fault)),
            "Nothing was noted about the recovery point. See to the backup target, then try again.",
        ),
    }
}

fn target(why: &TargetConflict) -> Told {
    match why {
        TargetConflict::TargetNotAdded(fault) => Told::new(
            format!("The backup target was not added: {}", super::target::fault(fault)),
            "Nothing was stored. Correct what was entered, then try again.",
        ),
        TargetConflict::TargetUnusable { target, fault } => Told::new(
            format!(
                "The backup target {target} cannot be used: {}",
                super::target::fault(fault)
            ),
            "Correct that, then check it again.",
        ),
    }
}

fn account(why: &AccountConflict) -> Told {
    match why {
        AccountConflict::OwnAccount => {
            Told::new("This is your own account.", "Change its password under “My account”.")
        }
        AccountConflict::LastAdministrator => Told::new(
            "This is the last account that can administer Holdfast.",
            "Give the role Administrator for everything to another account first.",
        ),
    }
}

fn form(why: &FormConflict) -> Told {
    match why {
        FormConflict::InputLost => Told::new(
            "Your input was not processed, or its result is no longer available.",
            "Check this page, then submit the form again if it is still needed.",
        ),
    }
}

pub(in crate::say) fn stored(why: &StoredConflict) -> String {
    match why {
        StoredConflict::StoredAlready => "The same is stored already.".into(),
        StoredConflict::StoredNowhere => "It refers to something that is not stored.".into(),
        StoredConflict::StoredForbidden => "The database forbids it.".into(),
        StoredConflict::AccountStored { name } => format!("There is an account {name} already."),
        StoredConflict::TeamStored { name } => format!("There is a team {name} already."),
        StoredConflict::ManagerStored { name } => format!("There is a Manager {name} already."),
        StoredConflict::PolicyStored { name } => format!("There is a protection policy {name} already."),
        StoredConflict::TargetStored { repository } => {
            format!("The backup target {repository} has another name already.")
        }
        StoredConflict::RunStored { run } => format!("The run {run} is queued already."),
        StoredConflict::PointStored { point } => format!("The recovery point {point} is published already."),
        StoredConflict::CopyStored { point, target } => {
            format!("The recovery point {point} is in the backup target {target} already.")
        }
        StoredConflict::VoteStored { voter } => format!("{voter} has voted on this request already."),
        StoredConflict::OwnVote => "Nobody decides on their own request.".into(),
        StoredConflict::LateCancel => "This run can no longer be cancelled.".into(),
        StoredConflict::LateDecision => "This run is decided already.".into(),
        StoredConflict::LateAnswer => "This question is answered already.".into(),
        StoredConflict::LateSettlement => "This run no longer needs an administrator.".into(),
    }
}
