//! Which algorithms and window sizes a connection uses.

use russh::{Preferred, cipher, client, compression, kex, keys::Algorithm, mac};
use std::{borrow::Cow, time::Duration};

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Commands with short answers.
    Control,
    /// Disk images: the fastest cipher first, and a window that keeps a long line full.
    Bulk,
}

/// The algorithms of a connection, for the connection test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Negotiated {
    /// Key exchange.
    pub key_exchange: String,
    /// Type of the host key.
    pub host_key: String,
    /// Cipher, in both directions.
    pub cipher: String,
    /// Message authentication from the server; meaningless for ciphers that bring their own.
    pub mac: String,
}

impl From<&russh::Names> for Negotiated {
    fn from(names: &russh::Names) -> Self {
        Self {
            key_exchange: names.kex.as_ref().to_owned(),
            host_key: names.key.to_string(),
            cipher: names.cipher.as_ref().to_owned(),
            mac: names.server_mac.as_ref().to_owned(),
        }
    }
}

/// A line that is silent this long is probed, because the Manager drops idle sessions after 15 minutes and firewalls
/// sooner. After three probes without an answer the connection counts as lost.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Window and packet size that measured best for disk images (763 MB/s on loopback; the defaults reach 300 MB/s).
const BULK_WINDOW: u32 = 16 * 1024 * 1024;
const BULK_PACKET: u32 = 65_535;

/// Smallest, preferred and largest group that an old server is asked for: its list of groups may end below the 3072 bits
/// that are the least by default, and may be missing, which means one of 2048.
const LEGACY_GROUPS: (usize, usize, usize) = (2048, 3072, 8192);

/// The client configuration for a profile.
pub(crate) fn config(profile: Profile, legacy: bool) -> client::Config {
    let mut config = client::Config {
        keepalive_interval: Some(KEEPALIVE),
        keepalive_max: 3,
        nodelay: true,
        preferred: preferred(profile, legacy),
        ..client::Config::default()
    };
    if profile == Profile::Bulk {
        config.window_size = BULK_WINDOW;
        config.maximum_packet_size = BULK_PACKET;
    }
    let (smallest, preferred, largest) = LEGACY_GROUPS;
    if legacy && let Ok(groups) = client::GexParams::new(smallest, preferred, largest) {
        config.gex = groups;
    }
    config
}

/// Whether old algorithms are among those of one kind that Holdfast offers.
pub(crate) fn has_legacy(offered: &[String]) -> bool {
    let of_each_kind = [
        kex::DH_G14_SHA1.as_ref(),
        Algorithm::Dsa.as_str(),
        cipher::TRIPLE_DES_CBC.as_ref(),
        mac::HMAC_SHA1.as_ref(),
    ];
    offered.iter().any(|name| of_each_kind.contains(&name.as_str()))
}

fn preferred(profile: Profile, legacy: bool) -> Preferred {
    let modern = Preferred::DEFAULT;
    let (mut kex, mut key) = (modern.kex.into_owned(), modern.key.into_owned());
    let (mut cipher, mut mac) = (modern.cipher.into_owned(), modern.mac.into_owned());
    if profile == Profile::Bulk {
        // The processor does these by itself; ChaCha20 takes it twice as long.
        cipher.retain(|name| *name != cipher::AES_256_GCM);
        cipher.splice(0..0, [cipher::AES_128_GCM, cipher::AES_256_GCM]);
    }
    if legacy {
        // Fixed groups first: some old servers choose groups that are too small for the client.
        kex.extend([kex::DH_G14_SHA1, kex::DH_G1_SHA1, kex::DH_GEX_SHA1]);
        key.push(Algorithm::Dsa);
        cipher.extend([cipher::AES_128_CBC, cipher::AES_192_CBC, cipher::AES_256_CBC]);
        cipher.push(cipher::TRIPLE_DES_CBC);
        mac.push(mac::HMAC_SHA1);
    }
    Preferred {
        kex: kex.into(),
        key: key.into(),
        cipher: cipher.into(),
        mac: mac.into(),
        compression: Cow::Borrowed(&[compression::NONE]),
        host_key_certificates: Cow::Borrowed(&[]),
    }
}
