//! How a new network card comes by its old MAC address, which every release does in its own way.

use crate::ovmcli::Version;

/// Where the MAC address is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addressing {
    /// When the card is made.
    AtOnce,
    /// By an edit of the card: `create` takes no address.
    Afterwards,
    /// As the name of a card that belongs to no machine yet.
    AsName,
}

impl Addressing {
    pub(super) fn of(version: Version) -> Self {
        match version {
            Version::V3_2 => Self::AsName,
            Version::V3_3 => Self::Afterwards,
            Version::V3_4 => Self::AtOnce,
        }
    }

    /// What people are to know of it.
    pub(super) fn note(self) -> Option<&'static str> {
        match self {
            Self::AtOnce => None,
            Self::Afterwards => Some(
                "Release 3.3 gives each new network card an address of its own; `edit Vnic` sets the old one. Where the \
                 Manager refuses that edit, the card keeps the new address: tell whoever relies on the old one.",
            ),
            Self::AsName => Some(
                "In release 3.2 the name of a network card is its MAC address: each card is made under its old address, \
                 then added to its machine.",
            ),
        }
    }
}
