//! Errors that are sorted into groups by what they are about.

/// Makes an enum whose variants are groups of errors, and whose codes are the codes of all of them: a group that is not
/// asked for its codes cannot be written.
macro_rules! groups {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident($group:ty),)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$doc])* $variant($group),)*
        }

        impl $name {
            pub(super) fn code(&self) -> &'static str {
                match self {
                    $(Self::$variant(why) => why.into(),)*
                }
            }

            pub(super) fn codes() -> impl Iterator<Item = &'static str> {
                let groups = [$(<$group as strum::VariantNames>::VARIANTS),*];
                groups.into_iter().flatten().copied()
            }
        }

        $(impl From<$group> for $name {
            fn from(why: $group) -> Self {
                Self::$variant(why)
            }
        })*
    };
}

pub(super) use groups;
