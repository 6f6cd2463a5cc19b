//! The points at which nobody could say how a real Oracle VM Manager behaves. Each is a switch whose default is the
//! most likely answer, so that a client can be run over the whole matrix and a wrong guess here cannot hide a
//! fragile parser.

mod covering;
mod variations;

use ovm::ovmcli::Version;
use serde::{Deserialize, Serialize};

/// How the Manager answers where its real behaviour is uncertain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// End of line until a session sets `EndlineChars`.
    pub line_end: LineEnd,
    /// What an exec request prints last.
    pub closing_line: ClosingLine,
    /// An exec request does not end by itself: behind its answers it stays at its prompt until `exit` or until the client
    /// hangs up.
    pub exec_stays_open: bool,
    /// `Data: ` instead of `Data:`.
    pub blank_after_data: bool,
    /// Print `JobId:` on answers to commands that change something.
    pub job_id: bool,
    /// Where `Error Msg:` stands in a failed answer.
    pub error_line: ErrorLine,
    /// What an empty list prints.
    pub empty_list: EmptyList,
    /// `Id = <id>  [<name>]` in `show`, as 3.4.6 does, instead of the bare id.
    pub bracket_after_id: bool,
    /// Sort the keys of `show`, as `set AlphabetizeAttributes=Yes` does.
    pub alphabetize: bool,
    /// Spelling of booleans.
    pub booleans: Booleans,
    /// SSH exit status of an exec request in which a command failed.
    pub exit_status_on_failure: u32,
    /// Zone abbreviation in the `Time:` line; the digits are UTC all the same, as clients must not interpret it.
    pub time_zone: String,
    /// Kind of the Manager's SSH host key.
    pub manager_host_key: HostKeyKind,
    /// Offer only what a Manager of 2013 offers: SHA-1 key exchange, CBC ciphers, SHA-1 MAC.
    pub legacy_algorithms: bool,
    /// How a password is handed over.
    pub login: LoginMethod,
    /// Connections at the same time.
    pub connections: usize,
    /// Refuse key logins until that user has logged in with the password from the same address.
    pub key_needs_password_login: bool,
    /// Idle time after which the Manager drops a session, in seconds.
    pub idle_timeout_seconds: u64,
    /// Whether `;` inside quotes separates commands of an exec request too.
    pub semicolon_splits_quotes: bool,
    /// An exec request prints each command behind a prompt before its answer.
    pub echo: bool,
    /// Encoding of what is printed.
    pub charset: Charset,
    /// How many exec requests one connection takes.
    pub channels: Channels,
    /// Keepalives of the client count as activity of an idle session.
    pub keepalives_are_activity: bool,
    /// A job is aborted when the connection that asked for it is lost; else it goes on.
    pub disconnect_aborts_jobs: bool,
    /// `JobId:` on failures too.
    pub job_id_on_failure: bool,
    /// Later lines of an error text are indented.
    pub indent_errors: bool,
    /// An empty `Data:` on failures.
    pub data_on_failure: bool,
    /// A line `Warning:` in the envelope of successes.
    pub warnings: bool,
    /// `edit`, `delete`, `start` and so on print the object that they changed.
    pub data_on_changes: bool,
    /// `clone Vm` prints the new machine.
    pub clone_prints_id: bool,
    /// A line that is no command gets an envelope.
    pub syntax_errors_in_envelope: bool,
    /// `showversion` prints an envelope.
    pub version_in_envelope: bool,
    /// How `getVmCfgFileContent` prints its text.
    pub vm_cfg: VmCfgLayout,
    /// How `show` prints constants.
    pub enum_words: EnumWords,
    /// How `show Vm` prints the boot order.
    pub boot_order: BootOrder,
    /// `Server Pool Id = ...` instead of `Server Pool = ...`.
    pub reference_keys_end_in_id: bool,
    /// Keys in `show` that no client knows.
    pub unknown_keys: bool,
    /// The keys of `show` in reverse order.
    pub reverse_keys: bool,
    /// `Key =  value`, as one key was seen.
    pub blank_before_values: bool,
    /// `Locked = Yes` instead of `Locked = true`.
    pub locked_as_yes_no: bool,
    /// `show VirtualDisk` names the mappings of the disk.
    pub disks_name_mappings: bool,
    /// What a name does that several objects have.
    pub ambiguous_names: AmbiguousNames,
    /// `WEB01` finds `web01`.
    pub names_ignore_case: bool,
    /// `name=` finds ids too.
    pub names_match_ids: bool,
    /// `takeOwnership Server` takes what another Manager owns.
    pub foreign_servers_can_be_taken: bool,
    /// `create Vnic` takes `macAddress=`.
    pub create_vnic_takes_mac: bool,
    /// Names of the disks that a clone makes.
    pub copy_names: CopyNames,
    /// What becomes of a thin clone to another repository.
    pub thin_clone_elsewhere: ThinCloneElsewhere,
    /// Finished jobs that `list Job` still shows.
    pub kept_jobs: usize,
    /// A synchronous command waits a while for a locked object.
    pub waits_for_locks: bool,
    /// A clone is refused as long as another one runs.
    pub one_clone_at_a_time: bool,
    /// The installer has put the management port of a server into the bond `bond0`.
    pub management_bond: bool,
    /// The servers offer only what OpenSSH 4.3 of Oracle Linux 5 offers: SHA-1 key exchange and MAC, an RSA host key that
    /// signs with SHA-1.
    pub servers_legacy_algorithms: bool,
    /// The servers have the program `openssl`. It came in one package with the library that their sshd needs.
    pub servers_have_openssl: bool,
    /// Which Enterprise Linux the servers' programs are of. Oracle VM Server 3.2 is built from 5, later ones from 6.
    pub server_tools: ServerTools,
    /// A network share maps all owners to one, as exports with `all_squash` do: nobody can set another.
    pub shares_map_owners: bool,
    /// How `list Vm` prints the names of templates.
    pub template_names: TemplateNames,
    /// Which Manager is played: key names and layout of `show`.
    pub dialect: Dialect,
}

impl Default for Switches {
    fn default() -> Self {
        Self::of(Dialect::V34)
    }
}

impl Switches {
    /// The most likely Manager of a release. The number of the job was seen on 3.4 only, and so were the bracket behind
    /// an id and the last words of a session.
    pub fn of(dialect: Dialect) -> Self {
        let is_newest = dialect == Dialect::V34;
        Self {
            line_end: LineEnd::LfCr,
            closing_line: match is_newest {
                true => ClosingLine::ConnectionClosed,
                false => ClosingLine::Prompt,
            },
            exec_stays_open: false,
            blank_after_data: false,
            job_id: is_newest,
            error_line: ErrorLine::AfterJobId,
            empty_list: EmptyList::DataOnly,
            bracket_after_id: is_newest,
            alphabetize: false,
            booleans: Booleans::YesNo,
            exit_status_on_failure: 0,
            time_zone: "UTC".to_owned(),
            manager_host_key: HostKeyKind::Rsa,
            legacy_algorithms: false,
            login: LoginMethod::Password,
            connections: 64,
            key_needs_password_login: true,
            idle_timeout_seconds: 15 * 60,
            semicolon_splits_quotes: false,
            echo: true,
            charset: Charset::Utf8,
            channels: Channels::Many,
            keepalives_are_activity: true,
            disconnect_aborts_jobs: false,
            job_id_on_failure: true,
            indent_errors: false,
            data_on_failure: false,
            warnings: false,
            data_on_changes: false,
            clone_prints_id: true,
            syntax_errors_in_envelope: true,
            version_in_envelope: false,
            vm_cfg: VmCfgLayout::Indented,
            enum_words: EnumWords::Words,
            boot_order: BootOrder::Numbered,
            reference_keys_end_in_id: false,
            unknown_keys: false,
            reverse_keys: false,
            blank_before_values: false,
            locked_as_yes_no: false,
            disks_name_mappings: true,
            ambiguous_names: AmbiguousNames::Refused,
            names_ignore_case: false,
            names_match_ids: false,
            foreign_servers_can_be_taken: true,
            create_vnic_takes_mac: true,
            copy_names: CopyNames::Numbered,
            thin_clone_elsewhere: ThinCloneElsewhere::Refused,
            kept_jobs: 200,
            waits_for_locks: true,
            one_clone_at_a_time: false,
            management_bond: true,
            servers_legacy_algorithms: false,
            servers_have_openssl: true,
            server_tools: match dialect {
                Dialect::V32 => ServerTools::El5,
                Dialect::V33 | Dialect::V34 => ServerTools::El6,
            },
            shares_map_owners: false,
            template_names: TemplateNames::Plain,
            dialect,
        }
    }
}

/// End of line on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    /// `\n\r`: what five independent scripts saw.
    LfCr,
    /// `\r\n`.
    CrLf,
    /// `\n`.
    Lf,
    /// `\r`.
    Cr,
}

impl LineEnd {
    /// The bytes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LfCr => "\n\r",
            Self::CrLf => "\r\n",
            Self::Lf => "\n",
            Self::Cr => "\r",
        }
    }
}

/// Last line of an exec request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosingLine {
    /// `OVM> Connection closed.`, seen on 3.4.
    ConnectionClosed,
    /// The same on standard error.
    OnStandardError,
    /// The bare prompt.
    Prompt,
    /// Nothing.
    Nothing,
}

/// Place of the error text in the envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorLine {
    /// `Status`, `Time`, `JobId`, `Error Msg`.
    AfterJobId,
    /// `Status`, `Time`, `Error Msg`, `JobId`.
    AfterTime,
    /// `Status`, `Error Msg`, `Time`, `JobId`.
    BeforeTime,
}

/// What stands where the items of an empty list would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyList {
    /// `Data:` and nothing below it.
    DataOnly,
    /// `Data:` with `None` below it.
    None,
    /// No `Data:` line.
    NoData,
}

/// Spelling of booleans in `show`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Booleans {
    /// `Yes` and `No`, as seen.
    YesNo,
    /// `yes` and `no`.
    LowerCase,
}

/// Encoding of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// ISO 8859-1; what it lacks becomes a question mark.
    Latin1,
}

/// How many exec requests a connection takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channels {
    /// Any number, one after the other and at the same time.
    Many,
    /// One: all scripts of the field open a connection for each command.
    OnePerConnection,
}

/// Login with a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginMethod {
    /// The method `password`, as scripts of the field use it.
    Password,
    /// Only as the answer to a question: `keyboard-interactive`.
    Question,
}

/// Layout of `getVmCfgFileContent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VmCfgLayout {
    /// In the envelope, with the two blanks of data lines.
    Indented,
    /// In the envelope, at the first column.
    Flush,
    /// The bare text.
    NoEnvelope,
}

/// Constants in `show`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnumWords {
    /// `Xen PVM`, as seen.
    Words,
    /// `XEN_PVM`, as commands take them.
    Constants,
}

/// Boot order in `show Vm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BootOrder {
    /// `Boot Order 1 = Disk`.
    Numbered,
    /// `Boot Order = Disk, Cdrom`.
    List,
}

/// A name that several objects have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmbiguousNames {
    /// An error.
    Refused,
    /// The first one is taken.
    FirstMatch,
}

/// Names of the disks that a clone makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyNames {
    /// The name of the source and a number.
    Numbered,
    /// The name of the source.
    Same,
    /// The name of the file.
    FileName,
}

/// A thin clone to another OCFS2 repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThinCloneElsewhere {
    /// An error.
    Refused,
    /// Becomes a copy without a word.
    Copies,
}

/// Age of the programs on the servers, as far as it can be told from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerTools {
    /// Those of the machine that plays the lab.
    Modern,
    /// Enterprise Linux 6.
    El6,
    /// Enterprise Linux 5.
    El5,
}

/// Names of templates in `list Vm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateNames {
    /// As they are called.
    Plain,
    /// As archives, `name.tgz`, which the manual of 3.2 says.
    Archives,
}

/// Kind of an SSH host key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostKeyKind {
    /// RSA, 2048 bits.
    Rsa,
    /// DSA, 1024 bits, as a Manager of 2016 presented.
    Dsa,
    /// Ed25519.
    Ed25519,
}

/// Which release of the Manager is played: its commands, its objects with their keys, and what it can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// 3.2: without clone customizers, anti-affinity groups, repository exports; VLANs in groups.
    V32,
    /// 3.3.
    V33,
    /// 3.4.
    #[default]
    V34,
}

impl Dialect {
    /// What `showversion` prints.
    pub fn version(self) -> &'static str {
        match self {
            Self::V32 => "3.2.8.736",
            Self::V33 => "3.3.3.1085",
            Self::V34 => "3.4.6.2105",
        }
    }

    /// The release as the schema of commands knows it.
    pub fn release(self) -> Version {
        match self {
            Self::V32 => Version::V3_2,
            Self::V33 => Version::V3_3,
            Self::V34 => Version::V3_4,
        }
    }

    /// The release of Oracle VM Server that goes with it, for example 3.4.6, and its build.
    pub(crate) fn server(self) -> (&'static str, &'static str) {
        self.version().rsplit_once('.').unwrap_or((self.version(), ""))
    }
}

impl From<Version> for Dialect {
    fn from(version: Version) -> Self {
        match version {
            Version::V3_2 => Self::V32,
            Version::V3_3 => Self::V33,
            Version::V3_4 => Self::V34,
        }
    }
}
