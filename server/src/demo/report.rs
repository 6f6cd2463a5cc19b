//! What a person, or a test, has to know to use the demo.

use super::accounts::Account;
use lab::LabDescription;
use serde::Serialize;

/// Address, accounts and estate of a running demo.
#[derive(Serialize)]
pub struct Report {
    /// Where a browser finds it.
    pub address: String,
    /// Who can log in.
    pub accounts: Vec<Account>,
    /// The simulated estate.
    pub lab: LabDescription,
}

impl Report {
    /// One line for a program.
    pub fn json(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// A page for a person. `again` says that the folder was used before, `kept` that it will stay.
    pub fn page(&self, again: bool, kept: bool) -> String {
        let passwords = if again {
            "The passwords are those of the first start."
        } else {
            "The passwords are new and random."
        };
        let end = if kept {
            "keeps everything for next time"
        } else {
            "leaves nothing behind"
        };
        let accounts: String = self.accounts.iter().map(line).collect();
        let dir = self.lab.dir.display();
        format!(
            "\nHoldfast is running on a simulated estate at {address}\n\n\
             {name:<10} {password:<18} Roles\n{accounts}\n{passwords}\n\n\
             Damage a disk as a guest would:  {program} lab ctl --dir {dir} scribble VM SLOT\n\
             Ctrl-C stops it and {end}.",
            program = program(),
            address = self.address,
            name = "Name",
            password = "Password",
        )
    }
}

/// How this program is called from where it was started: it is on no path.
fn program() -> String {
    let program = std::env::current_exe().ok();
    let folder = std::env::current_dir().ok();
    let beside = |path: &std::path::PathBuf| Some(path.strip_prefix(folder.as_ref()?).ok()?.to_owned());
    let shown = program.map(|path| beside(&path).unwrap_or(path));
    shown.map_or_else(|| "holdfast".to_owned(), |path| path.display().to_string())
}

fn line(account: &Account) -> String {
    let roles: Vec<_> = account.roles.iter().map(|role| role.title()).collect();
    format!("{:<10} {:<18} {}\n", account.name, account.password, roles.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::actor::Role;

    #[test]
    fn an_account_is_a_line_with_name_password_and_roles() {
        let roles = vec![Role::BackupOperator, Role::PolicyOwner];
        let account = Account {
            name: "operator".into(),
            password: "secret".into(),
            roles,
        };
        assert_eq!(
            line(&account),
            "operator   secret             Backup Operator, Policy Owner\n"
        );
    }
}
