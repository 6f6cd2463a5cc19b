//! Names and passwords of accounts: what is accepted. One rule for the check, for the help at a field and for the field;
//! it is said as the error is.

use crate::error::{AccountFlaw, ServiceError};
use crate::services::Answer;
use std::ops::RangeInclusive;

/// How many characters a login name has.
pub const NAME_LENGTH: RangeInclusive<usize> = 2..=40;

/// How many characters a password has.
pub const PASSWORD_LENGTH: RangeInclusive<usize> = 12..=128;

/// Whether this can be a login name.
///
/// # Errors
/// [`ServiceError::Invalid`] for the field `name`.
pub fn check_name(name: &str) -> Answer<()> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
    if NAME_LENGTH.contains(&name.len()) && name.chars().all(allowed) {
        Ok(())
    } else {
        Err(ServiceError::invalid("name", AccountFlaw::AccountName))
    }
}

/// Whether a new password is good enough. `field` is the form field it came from.
///
/// # Errors
/// [`ServiceError::Invalid`] for that field.
pub fn check_password(field: &str, name: &str, password: &str) -> Answer<()> {
    if !PASSWORD_LENGTH.contains(&password.chars().count()) {
        return Err(ServiceError::invalid(field, AccountFlaw::PasswordLength));
    }
    if password.to_lowercase().contains(name) {
        return Err(ServiceError::invalid(field, AccountFlaw::PasswordHasName));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::say::{Language, Say};

    #[test]
    fn names_are_short_and_plain() {
        for good in ["ol", "olga.k", "backup-operator_2", &"o".repeat(40)] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in ["", "o", "Olga", "olga k", "ölga", &"o".repeat(41)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords_are_long_and_not_the_name() {
        assert_eq!(check_password("password", "olga", "correct horse"), Ok(()));
        assert!(check_password("password", "olga", "elevenchars").is_err());
        assert!(check_password("password", "olga", &"x".repeat(129)).is_err());
        assert!(check_password("password", "olga", "I am OLGA, hello").is_err());
    }

    #[test]
    fn a_refusal_is_the_rule_that_stands_at_the_field() {
        let refused = check_name("O").unwrap_err().to_string();
        assert_eq!(
            refused,
            "name: A name has 2 to 40 characters: lowercase letters, digits, dots, hyphens and underscores."
        );
        let refused = check_password("new", "olga", "short").unwrap_err().to_string();
        let rule = AccountFlaw::PasswordLength.say(Language::En);
        assert_eq!(refused, format!("new: {rule}"));
    }
}
