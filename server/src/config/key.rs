//! The one table of settings. File, environment, flags, `holdfast config` and the help page are all made from it.

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Address and port to listen on.
    Listen,
    /// Folder of everything that Holdfast keeps.
    DataDir,
    /// The database.
    DatabaseUrl,
    /// Cookies that travel over plain HTTP.
    InsecureHttp,
    /// Trust in `X-Forwarded-For`.
    TrustedProxy,
    /// Folder of the backup target.
    BackupTarget,
    /// Password of the backup target.
    BackupTargetPassword,
    /// File of the key that seals stored passwords.
    SealKeyFile,
    /// Length of an idle session.
    SessionHours,
    /// Time after which the runs of a dead process are taken up.
    LeaseSeconds,
    /// Runs that one process works on.
    Workers,
    /// Runs whose disks move.
    Transfers,
    /// What is logged.
    Log,
}

/// How a setting is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A value.
    Value,
    /// `true` or `false`; as a flag without a value.
    Switch,
    /// A value that is never shown. It can also be read from a file, named by the key with `_file` behind it, and is
    /// never taken from the command line, where every user of the machine could read it.
    Secret,
}

/// What a person reads about a setting.
struct Entry {
    name: &'static str,
    flag: &'static str,
    placeholder: &'static str,
    kind: Kind,
    help: &'static str,
}

/// What is behind the name of a secret's key when its value lies in a file.
pub const FILE_SUFFIX: &str = "_file";

impl Key {
    /// All settings, in the order in which they are shown.
    pub const ALL: [Self; 13] = [
        Self::Listen,
        Self::DataDir,
        Self::DatabaseUrl,
        Self::InsecureHttp,
        Self::TrustedProxy,
        Self::BackupTarget,
        Self::BackupTargetPassword,
        Self::SealKeyFile,
        Self::SessionHours,
        Self::LeaseSeconds,
        Self::Workers,
        Self::Transfers,
        Self::Log,
    ];

    fn entry(self) -> Entry {
        let (name, flag, placeholder, kind, help) = match self {
            Self::Listen => (
                "listen",
                "listen",
                "ADDR:PORT",
                Kind::Value,
                "Address and port to listen on; plain HTTP, to be placed behind a reverse proxy with HTTPS",
            ),
            Self::DataDir => (
                "data_dir",
                "data-dir",
                "DIR",
                Kind::Value,
                "Folder for everything Holdfast stores",
            ),
            Self::DatabaseUrl => (
                "database_url",
                "database-url-file",
                "FILE",
                Kind::Secret,
                "Database, sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME; by default, SQLite in the data folder",
            ),
            Self::InsecureHttp => (
                "insecure_http",
                "insecure-http",
                "BOOL",
                Kind::Switch,
                "Let browsers log in over plain HTTP: passwords and sessions can be read in transit. Only for a lab",
            ),
            Self::TrustedProxy => (
                "trusted_proxy",
                "trusted-proxy",
                "BOOL",
                Kind::Switch,
                "Take the address of a browser from X-Forwarded-For. Only behind a proxy that sets it",
            ),
            Self::BackupTarget => (
                "backup_target",
                "backup-target",
                "DIR",
                Kind::Value,
                "Folder of the backup target, an ordinary restic repository; by default, a folder in the data folder",
            ),
            Self::BackupTargetPassword => (
                "backup_target_password",
                "backup-target-password-file",
                "FILE",
                Kind::Secret,
                "Password of the backup target; by default, one is generated at the first start and kept in the data \
                 folder",
            ),
            Self::SealKeyFile => (
                "seal_key_file",
                "seal-key-file",
                "FILE",
                Kind::Value,
                "File with the key that encrypts stored passwords; generated at the first start if missing",
            ),
            Self::SessionHours => (
                "session_hours",
                "session-hours",
                "HOURS",
                Kind::Value,
                "Hours of inactivity after which a session ends, 1 to 24",
            ),
            Self::LeaseSeconds => (
                "lease_seconds",
                "lease-seconds",
                "SECONDS",
                Kind::Value,
                "Seconds after which the job runs of a Holdfast that died are resumed, 2 to 600",
            ),
            Self::Workers => (
                "workers",
                "workers",
                "COUNT",
                Kind::Value,
                "Job runs that this Holdfast works on at the same time, 1 to 64. Runs waiting for a person do not \
                 count",
            ),
            Self::Transfers => (
                "transfers",
                "transfers",
                "COUNT",
                Kind::Value,
                "Job runs that move disks at the same time, 1 to 64, counted across all Holdfasts on the database: \
                 give each the same value",
            ),
            Self::Log => (
                "log",
                "log",
                "FILTER",
                Kind::Value,
                "What is logged, for example info or info,engine=debug",
            ),
        };
        Entry {
            name,
            flag,
            placeholder,
            kind,
            help,
        }
    }

    /// Its name in the file; environment and flag names follow from it.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// What stands for the value on the command line.
    pub fn placeholder(self) -> &'static str {
        self.entry().placeholder
    }

    /// How it is given, and whether it is shown.
    pub fn kind(self) -> Kind {
        self.entry().kind
    }

    /// What it is for, in a sentence without its full stop.
    pub fn help(self) -> &'static str {
        self.entry().help
    }

    /// Name of the environment variable.
    pub fn variable(self) -> String {
        format!("HOLDFAST_{}", self.name().to_uppercase())
    }

    /// Name on the command line, without the dashes: a secret is given there by its file only.
    pub fn flag(self) -> &'static str {
        self.entry().flag
    }

    /// The key that this name is for, and whether it takes the name of a file with the value.
    pub fn find(name: &str) -> Option<(Self, bool)> {
        let with = |name: &str| Self::ALL.into_iter().find(|key| key.name() == name);
        with(name).map(|key| (key, false)).or_else(|| {
            let secret = with(name.strip_suffix(FILE_SUFFIX)?)?;
            (secret.kind() == Kind::Secret).then_some((secret, true))
        })
    }
}
