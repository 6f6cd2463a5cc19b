//! Login, sessions, the last administrator, and what the trail says about it.

use crate::house::{House, PASSWORD, of_all};
use domain::actor::{Actor, Grant, Role, Scope};
use domain::audit::AuditSubject;
use domain::error::{AccountFlaw, ServiceError};
use domain::say::{Language, Say};
use domain::services::Login;
use engine::core::SystemClock;
use engine::{create_administrator, set_password};

const HERE: &str = "10.0.0.1";
const THERE: &str = "10.0.0.2";
const WRONG: &str = "wrong horse battery";

async fn house_with_admin() -> (House, Login) {
    let house = House::empty().await;
    create_administrator(&house.store, &SystemClock, "admin", PASSWORD)
        .await
        .unwrap();
    let login = house.backend.accounts.login("admin", PASSWORD, HERE).await.unwrap();
    (house, login)
}

fn at_the_door() -> ServiceError {
    ServiceError::invalid("password", AccountFlaw::Login)
}

fn grant(role: Role) -> Vec<Grant> {
    vec![Grant {
        role,
        scope: Scope::All,
    }]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_gives_a_session_that_a_new_password_ends() {
    let (house, login) = house_with_admin().await;
    let accounts = &house.backend.accounts;
    let Login { actor, epoch } = login;
    assert_eq!(actor.grants, grant(Role::Administrator));
    assert_eq!(accounts.actor(&actor.id, epoch).await, Ok(actor.clone()));

    let new = "another horse battery";
    let wrong = accounts.change_password(&actor, WRONG, new).await.unwrap_err();
    assert_eq!(wrong, ServiceError::invalid("old", AccountFlaw::OldPassword));
    assert_eq!(
        accounts.actor(&actor.id, epoch).await,
        Ok(actor.clone()),
        "nothing has changed"
    );
    let renewed = accounts.change_password(&actor, PASSWORD, new).await.unwrap();
    assert_eq!(accounts.actor(&actor.id, epoch).await, Err(ServiceError::NotLoggedIn));
    assert_eq!(accounts.actor(&actor.id, renewed.epoch).await, Ok(actor.clone()));
    assert_eq!(accounts.login("admin", PASSWORD, HERE).await, Err(at_the_door()));
    let again = accounts.login("admin", new, HERE).await.unwrap();
    assert_eq!(accounts.actor(&actor.id, again.epoch).await, Ok(actor));

    assert_eq!(house.trail("login.accepted.v1").await.len(), 2);
    assert_eq!(house.trail("password.refused.v1").await.len(), 1);
    assert_eq!(house.trail("password.changed.v1").await.len(), 1);
    let refused = house.trail("login.refused.v1").await;
    assert_eq!(refused[0].event.detail.say(Language::En), "The password was wrong.");
    assert_eq!(refused[0].event.address.as_deref(), Some(HERE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_set_anew_by_an_administrator_whom_the_trail_names() {
    let (house, Login { actor: admin, .. }) = house_with_admin().await;
    let accounts = &house.backend.accounts;
    let olga = accounts
        .create_user(&admin, "olga", PASSWORD, grant(Role::Approver))
        .await
        .unwrap();
    let session = accounts.login("olga", PASSWORD, HERE).await.unwrap();
    for _ in 0..10 {
        assert_eq!(accounts.login("olga", WRONG, HERE).await, Err(at_the_door()));
    }

    let new = "another horse battery";
    let short = accounts.set_password(&admin, &olga, "short").await.unwrap_err();
    assert_eq!(short, ServiceError::invalid("password", AccountFlaw::PasswordLength));
    let own = accounts.set_password(&admin, &admin.id, new).await;
    assert!(matches!(own, Err(ServiceError::Conflict(_))), "{own:?}");
    let nobody = accounts
        .set_password(&admin, &domain::ids::UserId::new("nobody"), new)
        .await;
    assert!(matches!(nobody, Err(ServiceError::NotFound { .. })), "{nobody:?}");
    let still = accounts.actor(&olga, session.epoch).await.unwrap();
    assert_eq!(still.name, "olga", "nothing has changed");
    assert!(house.trail("password.set.v1").await.is_empty());

    accounts.set_password(&admin, &olga, new).await.unwrap();
    let ended = accounts.actor(&olga, session.epoch).await;
    assert_eq!(ended, Err(ServiceError::NotLoggedIn));
    let again = accounts.login("olga", new, HERE).await.unwrap();
    assert_eq!(again.actor.id, olga, "what was guessed before is forgiven");
    assert_eq!(accounts.login("olga", PASSWORD, HERE).await, Err(at_the_door()));
    let set = house.trail("password.set.v1").await;
    let [row] = set.as_slice() else { panic!("{set:?}") };
    let told = (row.event.actor.as_str(), &row.event.subject);
    assert_eq!(told, ("admin", &AuditSubject::Account("olga".into())));
    assert!(!format!("{row:?}").contains("horse"), "{row:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_administrator_gets_a_new_password_on_the_command_line() {
    let (house, Login { actor: admin, epoch }) = house_with_admin().await;
    let accounts = &house.backend.accounts;
    let new = "another horse battery";
    let nobody = set_password(&house.store, &SystemClock, "nobody", new).await;
    let unknown = ServiceError::invalid("name", AccountFlaw::AccountUnknown { name: "nobody".into() });
    assert_eq!(nobody, Err(unknown));
    set_password(&house.store, &SystemClock, "admin", new).await.unwrap();
    let ended = accounts.actor(&admin.id, epoch).await;
    assert_eq!(ended, Err(ServiceError::NotLoggedIn));
    accounts.login("admin", new, HERE).await.unwrap();
    let set = house.trail("password.set.v1").await;
    assert_eq!((set.len(), set[0].event.actor.as_str()), (1, "cli"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_name_and_a_disabled_account_hear_what_a_wrong_password_hears() {
    let (house, login) = house_with_admin().await;
    let accounts = &house.backend.accounts;
    let olga = accounts
        .create_user(&login.actor, "olga", PASSWORD, grant(Role::Viewer))
        .await
        .unwrap();
    let session = accounts.login("olga", PASSWORD, HERE).await.unwrap();
    accounts.set_disabled(&login.actor, &olga, true).await.unwrap();
    assert_eq!(
        accounts.actor(&olga, session.epoch).await,
        Err(ServiceError::NotLoggedIn)
    );
    for (name, password) in [("olga", PASSWORD), ("olga", WRONG), ("nobody", PASSWORD)] {
        assert_eq!(accounts.login(name, password, HERE).await, Err(at_the_door()), "{name}");
    }
    let why: Vec<String> = house
        .trail("login.refused.v1")
        .await
        .into_iter()
        .map(|row| row.event.detail.say(Language::En))
        .collect();
    assert_eq!(
        why,
        [
            "The account is disabled.",
            "The password was wrong.",
            "There is no such account."
        ]
    );

    accounts.set_disabled(&login.actor, &olga, false).await.unwrap();
    assert_eq!(
        accounts.actor(&olga, session.epoch).await,
        Err(ServiceError::NotLoggedIn),
        "the old session stays void"
    );
    accounts.login("olga", PASSWORD, HERE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_ends_after_ten_failures_from_one_address_only() {
    let (house, _) = house_with_admin().await;
    let accounts = &house.backend.accounts;
    for _ in 0..10 {
        assert_eq!(accounts.login("admin", WRONG, HERE).await, Err(at_the_door()));
    }
    let eleventh = accounts.login("admin", PASSWORD, HERE).await.unwrap_err();
    assert!(
        matches!(eleventh, ServiceError::TooMany { seconds: 1..=900 }),
        "{eleventh:?}"
    );
    accounts.login("admin", PASSWORD, THERE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_stays() {
    let (house, Login { actor: admin, .. }) = house_with_admin().await;
    let accounts = &house.backend.accounts;
    let blue = accounts.create_team(&admin, "Blue").await.unwrap();
    let of_team = vec![Grant {
        role: Role::Administrator,
        scope: Scope::Team(blue),
    }];
    for grants in [Vec::new(), grant(Role::Viewer), of_team] {
        let kept = accounts.set_grants(&admin, &admin.id, grants.clone()).await;
        assert!(matches!(kept, Err(ServiceError::Conflict(_))), "{grants:?}: {kept:?}");
    }
    let kept = accounts.set_disabled(&admin, &admin.id, true).await;
    assert!(matches!(kept, Err(ServiceError::Conflict(_))), "{kept:?}");
    let users = accounts.users(&admin).await.unwrap();
    assert!(
        !users[0].disabled && users[0].grants == grant(Role::Administrator),
        "nothing of it was kept: {users:?}"
    );

    let second = accounts
        .create_user(&admin, "second", PASSWORD, grant(Role::Administrator))
        .await
        .unwrap();
    accounts.set_disabled(&admin, &admin.id, true).await.unwrap();
    let other = Actor {
        id: second.clone(),
        name: "second".into(),
        grants: grant(Role::Administrator),
    };
    let kept = accounts.set_grants(&other, &second, grant(Role::Auditor)).await;
    assert!(
        matches!(kept, Err(ServiceError::Conflict(_))),
        "a disabled one does not count: {kept:?}"
    );
    assert_eq!(house.trail("account.disabled.v1").await.len(), 1);
    assert!(house.trail("account.roles_changed.v1").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_account_needs_a_free_name_a_good_password_and_teams_that_exist() {
    let (house, Login { actor: admin, .. }) = house_with_admin().await;
    let accounts = &house.backend.accounts;
    let field = |answer: Result<_, ServiceError>| match answer.map(|_: domain::ids::UserId| ()) {
        Err(ServiceError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        field(accounts.create_user(&admin, "Olga", PASSWORD, Vec::new()).await),
        "name"
    );
    assert_eq!(
        field(accounts.create_user(&admin, "admin", PASSWORD, Vec::new()).await),
        "name"
    );
    assert_eq!(
        field(accounts.create_user(&admin, "olga", "short", Vec::new()).await),
        "password"
    );
    assert_eq!(
        field(
            accounts
                .create_user(&admin, "olga", "olga has a horse", Vec::new())
                .await
        ),
        "password"
    );
    let nowhere = vec![Grant {
        role: Role::Viewer,
        scope: Scope::Team(domain::ids::TeamId::new("none")),
    }];
    assert_eq!(
        field(accounts.create_user(&admin, "olga", PASSWORD, nowhere).await),
        "grants"
    );
    assert_eq!(accounts.users(&of_all(Role::Auditor)).await.unwrap().len(), 1);
    let created = house.trail("account.created.v1").await;
    assert_eq!(created.len(), 1);
    assert_eq!(
        (created[0].event.actor.as_str(), &created[0].event.subject),
        ("cli", &AuditSubject::Account("admin".into()))
    );
}
