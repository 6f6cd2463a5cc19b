//! Policies of teams: who writes them, who puts what under them.

use crate::house::{BLUE, House, RED, at, now, of_all, of_team, rules, team, vm};
use crate::requests::account;
use domain::actor::{Role, Scope};
use domain::error::{ServiceError, Thing};
use domain::ids::PolicyId;
use domain::say::{Language, Say};
use domain::services::Changed;

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_of_one_team_writes_policies_of_that_team_only() {
    let house = House::furnished().await;
    let policies = &house.backend.policies;
    let blue = of_team(Role::PolicyOwner, BLUE);
    for elsewhere in [None, Some(team(RED))] {
        let refused = policies.save(&blue, None, elsewhere, rules("Gold"), "").await;
        assert!(matches!(refused, Err(ServiceError::Forbidden { .. })), "{refused:?}");
    }
    let gold = policies.save(&blue, None, Some(team(BLUE)), rules("Gold"), "").await;
    let gold = now(gold.unwrap());
    let given_away = policies
        .save(&blue, Some(gold.clone()), Some(team(RED)), rules("Gold"), "")
        .await;
    assert!(
        matches!(given_away, Err(ServiceError::Forbidden { .. })),
        "{given_away:?}"
    );

    let red = of_team(Role::PolicyOwner, RED);
    let unseen = policies
        .save(&red, Some(gold.clone()), Some(team(RED)), rules("Gold"), "")
        .await;
    assert_eq!(unseen, Err(ServiceError::not_found(Thing::ProtectionPolicy, &gold)));
    assert_eq!(
        policies.get(&red, &gold).await,
        Err(ServiceError::not_found(Thing::ProtectionPolicy, &gold))
    );
    assert_eq!(policies.list(&red).await, Ok(Vec::new()));

    let owner = of_all(Role::PolicyOwner);
    policies
        .save(&owner, Some(gold.clone()), Some(team(RED)), rules("Platinum"), "")
        .await
        .unwrap();
    assert_eq!(policies.get(&red, &gold).await.unwrap().policy.rules.name, "Platinum");
    let saved = house.trail("policy.saved.v1").await;
    assert_eq!(saved.len(), 2);
    let detail = saved[1].event.detail.say(Language::En);
    assert!(
        detail.starts_with("Was: Gold, of team blue,") && detail.contains("Is: Platinum, of team red,"),
        "{detail}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_make_no_sense_and_names_that_are_taken_are_refused() {
    let house = House::furnished().await;
    let policies = &house.backend.policies;
    let owner = of_all(Role::PolicyOwner);
    let gold = now(policies.save(&owner, None, None, rules("Gold"), "").await.unwrap());
    let field = |answer: Result<Changed<PolicyId>, ServiceError>| match answer {
        Err(ServiceError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        field(policies.save(&owner, None, None, rules(" Gold "), "").await),
        "name"
    );
    let impatient = domain::policy::PolicyRules {
        patience_secs: 1,
        ..rules("Silver")
    };
    assert_eq!(
        field(policies.save(&owner, None, None, impatient, "").await),
        "patience_secs"
    );
    assert_eq!(
        field(
            policies
                .save(&owner, None, Some(team("none")), rules("Silver"), "")
                .await
        ),
        "team"
    );
    assert_eq!(
        policies.save(&owner, Some(gold.clone()), None, rules("Gold"), "").await,
        Ok(Changed::Now(gold)),
        "its own name is free"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_of_the_own_team_go_under_policies_that_are_seen() {
    let house = House::furnished().await;
    let policies = &house.backend.policies;
    let owner = of_all(Role::PolicyOwner);
    let everybodys = now(policies
        .save(&owner, None, None, rules("Everybody's"), "")
        .await
        .unwrap());
    let reds = policies.save(&owner, None, Some(team(RED)), rules("Red's"), "").await;
    let reds = now(reds.unwrap());
    let blue = of_team(Role::PolicyOwner, BLUE);
    let unseen = policies.assign(&blue, &at(RED), Some(everybodys.clone()), "").await;
    assert_eq!(unseen, Err(ServiceError::not_found(Thing::Vm, vm(RED))));
    let unseen = policies.assign(&blue, &at(BLUE), Some(reds.clone()), "").await;
    assert_eq!(unseen, Err(ServiceError::not_found(Thing::ProtectionPolicy, &reds)));
    policies
        .assign(&blue, &at(BLUE), Some(everybodys.clone()), "")
        .await
        .unwrap();
    policies
        .assign(&owner, &at(RED), Some(everybodys.clone()), "")
        .await
        .unwrap();

    let foreign = policies.assign(&owner, &at(BLUE), Some(reds.clone()), "").await;
    assert!(
        foreign
            .unwrap_err()
            .to_string()
            .contains("Red's belongs to another team")
    );
    let taken_over = policies.save(
        &owner,
        Some(everybodys.clone()),
        Some(team(RED)),
        rules("Everybody's"),
        "",
    );
    assert!(
        taken_over
            .await
            .unwrap_err()
            .to_string()
            .contains("belongs to another team")
    );

    let for_owner = policies.get(&owner, &everybodys).await.unwrap().subjects;
    assert_eq!(for_owner.len(), 2);
    let for_blue = policies.get(&blue, &everybodys).await.unwrap().subjects;
    assert_eq!(
        for_blue,
        [at(BLUE).named("blue machine")],
        "other teams' machines are not told"
    );

    policies.assign(&blue, &at(BLUE), None, "").await.unwrap();
    assert_eq!(policies.get(&blue, &everybodys).await.unwrap().subjects, []);
    let assigned = house.trail("policy.assigned.v1").await;
    assert_eq!(
        assigned[2].event.detail.say(Language::En),
        "Was: Everybody's. Is: none."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_and_machines_that_are_not_there_cannot_be_protected() {
    let house = House::furnished().await;
    let policies = &house.backend.policies;
    let owner = of_all(Role::PolicyOwner);
    let gold = now(policies.save(&owner, None, None, rules("Gold"), "").await.unwrap());
    let template = policies.assign(&owner, &at("tmpl"), Some(gold.clone()), "").await;
    assert!(matches!(template, Err(ServiceError::Conflict(_))), "{template:?}");
    let missing = policies.assign(&owner, &at("gone"), Some(gold), "").await;
    assert_eq!(missing, Err(ServiceError::not_found(Thing::Vm, vm("gone"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn approvers_are_counted_where_they_are_fewest() {
    let house = House::furnished().await;
    let policies = &house.backend.policies;
    account(&house, "anna", Role::Approver, Scope::All).await;
    account(&house, "carl", Role::Approver, Scope::Team(team(BLUE))).await;
    account(&house, "dora", Role::RestoreOperator, Scope::All).await;
    let owner = of_all(Role::PolicyOwner);
    let of = async |name: &str, owned_by: Option<&str>| {
        let saved = policies.save(&owner, None, owned_by.map(team), rules(name), "").await;
        let saved = now(saved.unwrap());
        (policies.get(&owner, &saved).await.unwrap().approvers, saved)
    };
    assert_eq!(of("Blue's", Some(BLUE)).await.0, 2);
    assert_eq!(of("Red's", Some(RED)).await.0, 1);
    let (without_machines, everybodys) = of("Everybody's", None).await;
    assert_eq!(without_machines, 1);
    for (machine, fewest) in [(BLUE, 2), (RED, 1)] {
        let policy = Some(everybodys.clone());
        policies.assign(&owner, &at(machine), policy, "").await.unwrap();
        assert_eq!(policies.get(&owner, &everybodys).await.unwrap().approvers, fewest);
    }
    let blue = of_team(Role::Viewer, BLUE);
    let seen = policies.list(&blue).await.unwrap();
    let of_blue = |view: &&domain::services::PolicyView| view.policy.id == everybodys;
    assert_eq!(
        seen.iter().find(of_blue).unwrap().approvers,
        2,
        "only its own machines count"
    );
}
