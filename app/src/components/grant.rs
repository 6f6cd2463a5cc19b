//! Roles of accounts in words.

use domain::actor::{Grant, Scope};
use domain::services::Team;

/// `Viewer for everything`, `Approver for team Blue`.
pub fn grant_words(grant: &Grant, teams: &[Team]) -> String {
    let scope = match &grant.scope {
        Scope::All => "for everything".into(),
        Scope::Team(id) => {
            let name = teams
                .iter()
                .find(|team| team.id == *id)
                .map_or(id.as_str(), |team| team.name.as_str());
            format!("for team {name}")
        }
    };
    format!("{} {scope}", grant.role.title())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::actor::Role;
    use domain::ids::TeamId;

    #[test]
    fn a_role_is_told_with_its_reach() {
        let teams = [Team {
            id: TeamId::new("t1"),
            name: "Blue".into(),
        }];
        let told = |role, scope| grant_words(&Grant { role, scope }, &teams);
        assert_eq!(told(Role::Viewer, Scope::All), "Viewer for everything");
        let (known, unknown) = (TeamId::new("t1"), TeamId::new("t2"));
        assert_eq!(told(Role::Approver, Scope::Team(known)), "Approver for team Blue");
        assert_eq!(told(Role::Approver, Scope::Team(unknown)), "Approver for team t2");
    }
}
