//! Every way in which a Manager may differ from the most likely one, as a table that tests walk.

use super::covering::covering;
use super::{
    AmbiguousNames, Booleans, BootOrder, Channels, Charset, ClosingLine, CopyNames, EmptyList, EnumWords, ErrorLine,
    HostKeyKind, LineEnd, LoginMethod, ServerTools, Switches, TemplateNames, ThinCloneElsewhere, VmCfgLayout,
};

/// One other value of a switch.
type Value = (&'static str, fn(&mut Switches));

/// Each switch with its other values. The dialect is not among them: it is a version, not an uncertainty.
const VARIATIONS: &[(&str, &[Value])] = &[
    (
        "line_end",
        &[
            ("cr_lf", |it| it.line_end = LineEnd::CrLf),
            ("lf", |it| it.line_end = LineEnd::Lf),
            ("cr", |it| it.line_end = LineEnd::Cr),
        ],
    ),
    (
        "closing_line",
        &[
            ("prompt", |it| it.closing_line = ClosingLine::Prompt),
            ("nothing", |it| it.closing_line = ClosingLine::Nothing),
            ("on_standard_error", |it| it.closing_line = ClosingLine::OnStandardError),
        ],
    ),
    ("exec_stays_open", &[("true", |it| it.exec_stays_open = true)]),
    ("blank_after_data", &[("true", |it| it.blank_after_data = true)]),
    ("job_id", &[("false", |it| it.job_id = false)]),
    (
        "error_line",
        &[
            ("after_time", |it| it.error_line = ErrorLine::AfterTime),
            ("before_time", |it| it.error_line = ErrorLine::BeforeTime),
        ],
    ),
    (
        "empty_list",
        &[
            ("none", |it| it.empty_list = EmptyList::None),
            ("no_data", |it| it.empty_list = EmptyList::NoData),
        ],
    ),
    ("bracket_after_id", &[("false", |it| it.bracket_after_id = false)]),
    ("alphabetize", &[("true", |it| it.alphabetize = true)]),
    ("booleans", &[("lower_case", |it| it.booleans = Booleans::LowerCase)]),
    ("exit_status_on_failure", &[("1", |it| it.exit_status_on_failure = 1)]),
    ("time_zone", &[("CEST", |it| "CEST".clone_into(&mut it.time_zone))]),
    (
        "manager_host_key",
        &[("ed25519", |it| it.manager_host_key = HostKeyKind::Ed25519)],
    ),
    ("login", &[("question", |it| it.login = LoginMethod::Question)]),
    ("connections", &[("2", |it| it.connections = 2)]),
    (
        "key_needs_password_login",
        &[("false", |it| it.key_needs_password_login = false)],
    ),
    ("idle_timeout_seconds", &[("1", |it| it.idle_timeout_seconds = 1)]),
    (
        "keepalives_are_activity",
        &[("false", |it| it.keepalives_are_activity = false)],
    ),
    (
        "semicolon_splits_quotes",
        &[("true", |it| it.semicolon_splits_quotes = true)],
    ),
    ("echo", &[("false", |it| it.echo = false)]),
    ("charset", &[("latin1", |it| it.charset = Charset::Latin1)]),
    (
        "channels",
        &[("one_per_connection", |it| it.channels = Channels::OnePerConnection)],
    ),
    (
        "disconnect_aborts_jobs",
        &[("true", |it| it.disconnect_aborts_jobs = true)],
    ),
    ("job_id_on_failure", &[("false", |it| it.job_id_on_failure = false)]),
    ("indent_errors", &[("true", |it| it.indent_errors = true)]),
    ("data_on_failure", &[("true", |it| it.data_on_failure = true)]),
    ("warnings", &[("true", |it| it.warnings = true)]),
    ("data_on_changes", &[("true", |it| it.data_on_changes = true)]),
    ("clone_prints_id", &[("false", |it| it.clone_prints_id = false)]),
    (
        "syntax_errors_in_envelope",
        &[("false", |it| it.syntax_errors_in_envelope = false)],
    ),
    ("version_in_envelope", &[("true", |it| it.version_in_envelope = true)]),
    (
        "vm_cfg",
        &[
            ("flush", |it| it.vm_cfg = VmCfgLayout::Flush),
            ("no_envelope", |it| it.vm_cfg = VmCfgLayout::NoEnvelope),
        ],
    ),
    (
        "enum_words",
        &[("constants", |it| it.enum_words = EnumWords::Constants)],
    ),
    ("boot_order", &[("list", |it| it.boot_order = BootOrder::List)]),
    (
        "reference_keys_end_in_id",
        &[("true", |it| it.reference_keys_end_in_id = true)],
    ),
    ("unknown_keys", &[("true", |it| it.unknown_keys = true)]),
    ("reverse_keys", &[("true", |it| it.reverse_keys = true)]),
    ("blank_before_values", &[("true", |it| it.blank_before_values = true)]),
    ("locked_as_yes_no", &[("true", |it| it.locked_as_yes_no = true)]),
    (
        "ambiguous_names",
        &[("first_match", |it| it.ambiguous_names = AmbiguousNames::FirstMatch)],
    ),
    ("names_ignore_case", &[("true", |it| it.names_ignore_case = true)]),
    ("names_match_ids", &[("true", |it| it.names_match_ids = true)]),
    (
        "foreign_servers_can_be_taken",
        &[("false", |it| it.foreign_servers_can_be_taken = false)],
    ),
    (
        "create_vnic_takes_mac",
        &[("false", |it| it.create_vnic_takes_mac = false)],
    ),
    (
        "copy_names",
        &[
            ("same", |it| it.copy_names = CopyNames::Same),
            ("file_name", |it| it.copy_names = CopyNames::FileName),
        ],
    ),
    (
        "thin_clone_elsewhere",
        &[("copies", |it| it.thin_clone_elsewhere = ThinCloneElsewhere::Copies)],
    ),
    ("kept_jobs", &[("1", |it| it.kept_jobs = 1)]),
    ("waits_for_locks", &[("false", |it| it.waits_for_locks = false)]),
    ("one_clone_at_a_time", &[("true", |it| it.one_clone_at_a_time = true)]),
    ("management_bond", &[("false", |it| it.management_bond = false)]),
    (
        "servers_have_openssl",
        &[("false", |it| it.servers_have_openssl = false)],
    ),
    (
        "server_tools",
        &[
            ("modern", |it| it.server_tools = ServerTools::Modern),
            ("el5", |it| it.server_tools = ServerTools::El5),
        ],
    ),
    ("shares_map_owners", &[("true", |it| it.shares_map_owners = true)]),
    (
        "template_names",
        &[("archives", |it| it.template_names = TemplateNames::Archives)],
    ),
    ("disks_name_mappings", &[("false", |it| it.disks_name_mappings = false)]),
];

impl Switches {
    /// The default with one switch changed, for every other value of every switch; called `switch=value`. The old
    /// algorithms with their host keys are one variation of their own, because a client must be told to accept them.
    pub fn single_variations() -> Vec<(String, Self)> {
        let values = VARIATIONS
            .iter()
            .flat_map(|(name, values)| values.iter().map(move |(value, change)| (name, value, change)));
        values
            .map(|(name, value, change)| {
                let mut switches = Self::default();
                change(&mut switches);
                (format!("{name}={value}"), switches)
            })
            .collect()
    }

    /// What a Manager of 2013 offers: SHA-1 key exchange, CBC ciphers, a DSA host key. Its servers are as old.
    pub fn legacy(self) -> Self {
        Self {
            manager_host_key: HostKeyKind::Dsa,
            legacy_algorithms: true,
            servers_legacy_algorithms: true,
            ..self
        }
    }

    /// Every switch at one of its values, chosen by `seed`; the same for the same seed.
    pub fn random(seed: u64) -> Self {
        let mut draws = seed;
        Self::at(VARIATIONS.iter().map(|(_, values)| {
            draws = draws.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut number = draws;
            number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            number ^= number >> 31;
            usize::try_from(number % (values.len() as u64 + 1)).unwrap_or_default()
        }))
    }

    /// So few combinations that every value of every switch meets every value of every other one.
    pub fn pairwise() -> Vec<Self> {
        let places: Vec<usize> = VARIATIONS.iter().map(|(_, values)| values.len() + 1).collect();
        covering(&places).into_iter().map(Self::at).collect()
    }

    /// Every switch at this place of its values; one more place than there are keeps the default.
    fn at(places: impl IntoIterator<Item = usize>) -> Self {
        let mut switches = Self::default();
        for ((_, values), place) in VARIATIONS.iter().zip(places) {
            if let Some((_, change)) = values.get(place) {
                change(&mut switches);
            }
        }
        switches
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_switch_varies() {
        let serde_json::Value::Object(fields) = serde_json::to_value(Switches::default()).unwrap() else {
            panic!("switches are no object");
        };
        let varied: BTreeSet<_> = VARIATIONS.iter().map(|(name, _)| *name).collect();
        let elsewhere = ["legacy_algorithms", "servers_legacy_algorithms", "dialect"];
        for field in fields.keys().filter(|field| !elsewhere.contains(&field.as_str())) {
            assert!(varied.contains(field.as_str()), "{field} has no variation");
        }
        for (name, switches) in Switches::single_variations() {
            let changed = serde_json::to_value(switches).unwrap();
            let differing: Vec<_> = fields
                .iter()
                .filter(|(field, value)| changed[*field] != **value)
                .collect();
            assert_eq!(differing.len(), 1, "{name}");
            assert!(name.starts_with(differing[0].0.as_str()), "{name}");
        }
    }

    #[test]
    fn few_combinations_hold_every_pair() {
        let few = Switches::pairwise().len();
        assert!((16..=32).contains(&few), "{few}");
    }

    #[test]
    fn a_seed_decides() {
        assert_eq!(Switches::random(1), Switches::random(1));
        let different: BTreeSet<_> = (0..100)
            .map(|seed| serde_json::to_string(&Switches::random(seed)).unwrap())
            .collect();
        assert_eq!(different.len(), 100);
    }
}
