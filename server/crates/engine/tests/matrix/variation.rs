//! What is tried: which switches, which machine, which way of backing it up, and what becomes of the restore.

use domain::policy::BackupMethod;
use domain::run::Decision;
use lab::Switches;
use serde_json::Value;

/// Random combinations.
const RANDOM: u64 = 100;

/// One way in which the Manager may be, and what is done with it.
#[derive(Clone)]
pub struct Variation {
    /// `line_end=cr_lf`, or `random 17` with the seed.
    pub name: String,
    pub switches: Switches,
    pub job: Job,
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

/// The default, each switch alone, the old algorithms, and the random combinations. A switch alone is tried with the way
/// through the Manager, which asks most of it, or on a network share where it is about shares; the combinations take turns.
pub fn all() -> Vec<Variation> {
    let of_shares = |name: &str| name.starts_with("server_tools") || name.starts_with("shares_map_owners");
    let alone = [("default".to_owned(), Switches::default())]
        .into_iter()
        .chain(Switches::single_variations())
        .chain([("legacy algorithms".to_owned(), Switches::default().legacy())])
        .map(|(name, switches)| {
            let job = if of_shares(&name) {
                ON_A_SHARE
            } else {
                THROUGH_THE_MANAGER
            };
            (name, switches, job)
        });
    let jobs = [THROUGH_THE_MANAGER].into_iter().chain(OTHERS).cycle();
    let random = (1..=RANDOM).zip(jobs).map(|(seed, job)| {
        let name = format!("random {seed}");
        (name, Switches::random(seed), job)
    });
    let decisions = [Decision::Commit, Decision::RollBack].into_iter().cycle();
    let all = alone.chain(random).zip(decisions);
    all.map(|((name, switches, job), decision)| Variation {
        name,
        switches,
        job,
        decision,
    })
    .collect()
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
