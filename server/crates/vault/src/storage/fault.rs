//! What an S3-compatible server, or the way to it, refuses.

use std::{error::Error, io};

/// Why a request to an S3-compatible server was in vain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum S3Fault {
    /// There is no such object.
    #[error("there is no such object")]
    NoObject,
    /// There is no such bucket.
    #[error("there is no such bucket")]
    NoBucket,
    /// The server does not know the access key, or the secret is not its secret.
    #[error("the access key or its secret is wrong")]
    WrongKey,
    /// The server understood, and does not do it.
    #[error("{0}")]
    Refused(String),
    /// Nobody answered, or the server says that it cannot answer now.
    #[error("{0}")]
    Unreachable(String),
}

impl S3Fault {
    /// From an answer that is no success.
    pub(crate) fn of_answer(status: u16, body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body);
        let code = element(&body, "Code").unwrap_or_default();
        let said = format!("{status} {code} {}", element(&body, "Message").unwrap_or_default());
        let said = said.trim().to_owned();
        match (status, code) {
            (_, "NoSuchBucket") => Self::NoBucket,
            (404, _) => Self::NoObject,
            (_, "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "NotSignedUp") => Self::WrongKey,
            (429 | 500.., _) => Self::Unreachable(said),
            _ => Self::Refused(said),
        }
    }

    /// The fault behind an error, if there is one.
    pub(crate) fn behind<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            if let Some(fault) = inner.and_then(|inner| inner.downcast_ref()) {
                return Some(fault);
            }
            cause = error.source();
        }
        None
    }

    /// Whether asking again may help.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }
}

impl From<S3Fault> for io::Error {
    fn from(fault: S3Fault) -> Self {
        let kind = match fault {
            S3Fault::NoObject => io::ErrorKind::NotFound,
            S3Fault::WrongKey => io::ErrorKind::PermissionDenied,
            S3Fault::NoBucket | S3Fault::Refused(_) | S3Fault::Unreachable(_) => io::ErrorKind::Other,
        };
        Self::new(kind, fault)
    }
}

/// The text of the first element of this name.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_tells_what_is_wrong() {
        let answer = |code: &str| format!("<Error><Code>{code}</Code><Message>Why.</Message></Error>");
        let of = |status, code: &str| S3Fault::of_answer(status, answer(code).as_bytes());
        assert_eq!(of(404, "NoSuchBucket"), S3Fault::NoBucket);
        assert_eq!(of(404, "NoSuchKey"), S3Fault::NoObject);
        assert_eq!(S3Fault::of_answer(404, b""), S3Fault::NoObject);
        assert_eq!(of(403, "SignatureDoesNotMatch"), S3Fault::WrongKey);
        assert_eq!(
            of(403, "AccessDenied"),
            S3Fault::Refused("403 AccessDenied Why.".into())
        );
        assert!(of(503, "SlowDown").may_pass() && !of(403, "AccessDenied").may_pass());
    }

    #[test]
    fn a_fault_is_found_behind_other_errors() {
        let wrapped = io::Error::other(io::Error::from(S3Fault::NoBucket));
        assert_eq!(
            S3Fault::behind(&wrapped),
            None,
            "an error within an error hides its own"
        );
        assert_eq!(
            S3Fault::behind(&io::Error::from(S3Fault::NoBucket)),
            Some(&S3Fault::NoBucket)
        );
        assert_eq!(S3Fault::behind(&io::Error::other("else")), None);
    }
}
