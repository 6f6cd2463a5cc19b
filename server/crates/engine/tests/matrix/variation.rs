//! What is tried: which switches, which machine, which way of backing it up, and what becomes of the restore.

use domain::policy::BackupMethod;
use domain::run::Decision;
use lab::Switches;
use serde_json::Value;

/// Random combinations that are tried each time, others with each commit.
const RANDOM: u64 = 12;
/// Random combinations that are tried on request.
const RANDOM_ON_REQUEST: u64 = 100;

/// Switches that a discovery meets in full, because they change how answers to questions look and how one connects. Alone
/// they are tried with a discovery, and with whole jobs in all combinations.
const MET_BY_DISCOVERY: [&str; 28] = [
    "line_end",
    "closing_line",
    "blank_after_data",
    "empty_list",
    "bracket_after_id",
    "alphabetize",
    "booleans",
    "time_zone",
    "manager_host_key",
    "login",
    "connections",
    "key_needs_password_login",
    "echo",
    "charset",
    "channels",
    "version_in_envelope",
    "vm_cfg",
    "enum_words",
    "boot_order",
    "reference_keys_end_in_id",
    "unknown_keys",
    "reverse_keys",
    "blank_before_values",
    "locked_as_yes_no",
    "template_names",
    "foreign_servers_can_be_taken",
    "create_vnic_takes_mac",
    "management_bond",
];

/// One way in which the Manager may be, and what is done with it.
#[derive(Clone)]
pub struct Variation {
    /// `line_end=cr_lf`, or `random 17` with the seed.
    pub name: String,
    pub switches: Switches,
    /// What is done beside the discovery.
    pub job: Option<Job>,
    /// What becomes of the restore.
    pub decision: Decision,
}

/// A machine and the way in which it is backed up.
#[derive(Clone, Copy)]
pub struct Job {
    pub vm: &'static str,
    /// The slots that hold files.
    pub slots: &'static [u32],
    /// What the policy wants.
    pub wish: BackupMethod,
    /// What the plan does.
    pub method: BackupMethod,
}

/// Two disks in two repositories and a CD in a third, highly available, through the Manager.
const THROUGH_THE_MANAGER: Job = Job {
    vm: "erp-app01",
    slots: &[0, 1],
    wish: BackupMethod::ManagerClone,
    method: BackupMethod::ManagerClone,
};

/// A network share takes no thin clones.
const ON_A_SHARE: Job = Job {
    vm: "intranet",
    slots: &[0],
    wish: BackupMethod::ManagerClone,
    method: BackupMethod::StopCopyStart,
};

/// Beside it, what else there is.
const OTHERS: [Job; 4] = [
    Job {
        vm: "web01",
        slots: &[0],
        wish: BackupMethod::Reflink,
        method: BackupMethod::Reflink,
    },
    ON_A_SHARE,
    // A LUN beside the file.
    Job {
        vm: "db01",
        slots: &[0],
        wish: BackupMethod::ManagerClone,
        method: BackupMethod::ManagerClone,
    },
    // Stopped, and to be left so.
    Job {
        vm: "archive01",
        slots: &[0, 1],
        wish: BackupMethod::Reflink,
        method: BackupMethod::Reflink,
    },
];

/// How much is tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What every change has to pass. The number is that of the first random combination.
    Sample(u64),
    /// A job for each switch alone, and many random combinations.
    All,
}

/// The default, the old algorithms, each switch alone, combinations in which every two values meet, and random ones. A
/// switch alone is tried with the way through the Manager, which asks most of it, or on a network share where it is about
/// shares; the combinations take turns.
pub fn all(extent: Extent) -> Vec<Variation> {
    let usual = [
        ("default".to_owned(), Switches::default()),
        ("legacy algorithms".to_owned(), Switches::default().legacy()),
    ];
    let alone = usual.into_iter().chain(Switches::single_variations());
    let pairwise = (1..).zip(Switches::pairwise());
    let pairwise = pairwise.map(|(number, switches)| combination(format!("pairwise {number}"), switches, number));
    let seeds = match extent {
        Extent::Sample(first) => first..first + RANDOM,
        Extent::All => 1..1 + RANDOM_ON_REQUEST,
    };
    let alone = alone
        .zip(0..)
        .map(|((name, switches), number)| single(extent, name, switches, number));
    alone.chain(pairwise).chain(seeds.map(random)).collect()
}

/// Every switch at a value that the seed decides.
pub fn random(seed: u64) -> Variation {
    combination(format!("random {seed}"), Switches::random(seed), seed)
}

fn single(extent: Extent, name: String, switches: Switches, number: u64) -> Variation {
    let switch = name.split('=').next().unwrap_or_default();
    let whole = extent == Extent::All || !MET_BY_DISCOVERY.contains(&switch);
    let job = match ["server_tools", "shares_map_owners"].contains(&switch) {
        true => ON_A_SHARE,
        false => THROUGH_THE_MANAGER,
    };
    Variation {
        job: whole.then_some(job),
        name,
        switches,
        decision: decision(number),
    }
}

fn combination(name: String, switches: Switches, number: u64) -> Variation {
    let jobs = [THROUGH_THE_MANAGER].into_iter().chain(OTHERS);
    Variation {
        name,
        switches,
        job: jobs.cycle().nth((number % 5) as usize),
        decision: decision(number),
    }
}

fn decision(number: u64) -> Decision {
    match number % 2 {
        0 => Decision::Commit,
        _ => Decision::RollBack,
    }
}

impl Variation {
    /// The switches that are not at their default, as `name=value`.
    pub fn changed(&self) -> String {
        let fields = |switches: &Switches| match serde_json::to_value(switches) {
            Ok(Value::Object(fields)) => fields,
            other => panic!("switches are no object: {other:?}"),
        };
        let usual = fields(&Switches::default());
        let changed = fields(&self.switches)
            .into_iter()
            .filter(|(name, value)| usual.get(name) != Some(value));
        let words: Vec<_> = changed.map(|(name, value)| format!("{name}={value}")).collect();
        words.join(" ")
    }
}
