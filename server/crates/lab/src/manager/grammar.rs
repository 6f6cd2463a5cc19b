//! Refuses what the Manager would refuse before it makes a job. What a release knows is in the schema of all commands;
//! where the schema leaves something open, because no page of the manual could be had, the lab takes only what it knows.

use super::reply::CliError;
use crate::switches::Dialect;
use ovm::ovmcli::schema::{Form, Kind};
use ovm::ovmcli::{Attribute, Command, Finding, check_command, form_of};
use std::convert::Infallible;
use std::ops::RangeInclusive;

/// Ranges that no page of the manual gives.
const RANGES: [(&str, RangeInclusive<u64>); 5] = [
    ("cpuPriority", 1..=100),
    ("cpuUtilizationCap", 1..=100),
    ("policyPeriod", 2..=60),
    ("policyCpuThreshold", 0..=99),
    ("accessPort", 1..=65_535),
];

/// Refuses what is no command of this release.
pub(super) fn check(command: &Command, dialect: Dialect) -> Result<(), CliError> {
    let release = dialect.release();
    // Nobody fills in a placeholder here: it is a text like any other.
    let plain = command.try_map_values(|value| Ok::<_, Infallible>(value.replace("${", "$(")));
    let plain = plain.as_ref().unwrap_or(command);
    if let Some(finding) = check_command(plain, release).into_iter().next() {
        return Err(refused(&finding));
    }
    let form = form_of(plain, release);
    for attribute in &plain.attributes {
        check_attribute(form, attribute, dialect)?;
    }
    if plain.attribute("name").is_some_and(str::is_empty) {
        return Err(invalid("name", ""));
    }
    Ok(())
}

/// What the schema would let pass.
fn check_attribute(form: Option<&Form>, attribute: &Attribute, dialect: Dialect) -> Result<(), CliError> {
    let Attribute { key, value } = attribute;
    let mut known = form.into_iter().flat_map(|form| form.attributes_named(key));
    let Some(known) = known.find(|attr| attr.known.is_in(dialect.release())) else {
        return Err(CliError::syntax(&format!("{key} is not an attribute of this command")));
    };
    let mut ranges = RANGES.iter();
    let range = ranges.find(|(narrow, _)| narrow.eq_ignore_ascii_case(key));
    let number = value.parse().ok();
    if range.is_some_and(|(_, range)| number.is_none_or(|number| !range.contains(&number))) {
        return Err(invalid(key, value));
    }
    match known.kind {
        // As its manual writes them; later ones were seen with either.
        Kind::YesNo if dialect == Dialect::V32 && !["yes", "no"].contains(&value.as_str()) => Err(invalid(key, value)),
        // Machines for SPARC: the schema knows them, this estate has none.
        Kind::Word(_)
            if ["LDOMS_PVM", "UNKNOWN"]
                .iter()
                .any(|word| value.eq_ignore_ascii_case(word)) =>
        {
            Err(CliError::not_simulated(value))
        }
        _ => Ok(()),
    }
}

fn refused(finding: &Finding) -> CliError {
    CliError::syntax(&format!("{}; expected: {}", finding.message, finding.expected))
}

/// A value that the attribute does not take.
pub(super) fn invalid(key: &str, value: &str) -> CliError {
    CliError::syntax(&format!("{value} is not a value of {key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict_in(line: &str, dialect: Dialect) -> Result<(), String> {
        check(&Command::parse(line).unwrap(), dialect).map_err(|error| error.text().to_owned())
    }

    fn verdict(line: &str) -> Result<(), String> {
        verdict_in(line, Dialect::V34)
    }

    #[test]
    fn documented_forms_pass() {
        for line in [
            "CREATE virtualdisk name=a size=1 sparse=Yes shareable=No on repository name=r",
            "edit VirtualDisk name=Old name='New'",
            "refreshAll",
            "create Network name=n roles=VIRTUAL_MACHINE,STORAGE",
            "create Network name=n roles=\"\" on Server name=s",
            "add Port id=1 to BondPort id=2",
            "add Port id=1 to Network id=2",
            "embeddedCreate BondPort id=1 ipAddressConfig ipAddressConfigType=STATIC ipAddress=10.0.0.1 ipNetmask=255.0.0.0",
            "embeddedDelete Port name='eth1 on a//b' ipAddressConfig id=1",
            "create BondPort ethernetPorts=a,b mode=ACTIVE_PASSIVE mtu=1500 name=bond1 on Server name=s",
            "edit FileServer name=f uniformedExports=no",
        ] {
            assert_eq!(verdict(line), Ok(()), "{line}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for (line, word) in [
            (
                "create VirtualDisk name=a size=1 sparse=Yes on Repository name=r",
                "shareable",
            ),
            ("create Tag name=a colour=red", "colour"),
            ("create Tag name=''", "name"),
            ("edit Tag name=t name=''", "name"),
            ("edit Repository name=r colour=red", "colour"),
            (
                "create VirtualDisk name=a size=${x} sparse=Yes shareable=No on Repository name=r",
                "size",
            ),
            ("edit Vm name=a cpuPriority=101", "cpuPriority"),
            ("edit Vm name=a domainType=LDOMS_PVM", "simulate"),
            ("start Repository name=r", "Repository"),
            ("explode Vm name=r", "explode"),
            ("create Vm name=a domainType=XEN_PVM repository=r", "on ServerPool"),
            ("edit Vm name=a", "changes nothing"),
            ("delete Tag", "id="),
            ("create VlanInterface vlanId=1 name=v on Port id=1", "vlanId"),
            ("create VlanInterface vlanId=4096 name=v on Port id=1", "vlanId"),
            ("create Network name=n roles=BACKUP", "roles"),
            (
                "create BondPort ethernetPorts=a,b mode=BROADCAST mtu=1500 name=b on Server name=s",
                "mode",
            ),
            (
                "create ServerPool name=p clusterEnable=Yes fileSystem=f clusterTimeout=10",
                "clusterTimeout",
            ),
            ("add Tag name=t from Vm name=v", "from"),
            ("add Tag name=t to Network name=n", "Network cannot stand there"),
        ] {
            let error = verdict(line).unwrap_err();
            assert!(error.contains(word), "{line}: {error}");
        }
    }

    #[test]
    fn a_release_knows_what_it_knows() {
        for (line, dialect, word) in [
            (
                "create Vnic network=n name=c macAddress=00:21:f6:00:00:01 on Vm name=v",
                Dialect::V33,
                "3.3 does not know `macAddress=`",
            ),
            (
                "clone Vm name=a destType=Vm destName=b serverPool=p targetRepository=r",
                Dialect::V33,
                "3.4",
            ),
            ("set AlphabetizeAttributes=Yes", Dialect::V33, "3.4"),
            ("showclisession", Dialect::V33, "3.4"),
            ("edit ServerPool name=p startPolicy=BALANCE_SERVER", Dialect::V33, "3.4"),
            ("list AntiAffinityGroup", Dialect::V32, "3.3 and 3.4"),
            ("show Manager id=1", Dialect::V32, "3.3 and 3.4"),
            ("getVmCfgFileContent Vm id=1", Dialect::V32, "3.3 and 3.4"),
            ("set CommandMode=Asynchronous", Dialect::V32, "3.3 and 3.4"),
            (
                "create VmCloneCustomizer name=c on Vm id=1",
                Dialect::V32,
                "3.3 and 3.4",
            ),
            ("create Repository name=r on FileSystem id=1", Dialect::V32, ""),
            (
                "create StorageArray name=a plugin=p storageType=ISCSI",
                Dialect::V32,
                "",
            ),
            ("edit Vm id=1 highAvailability=Yes", Dialect::V32, "Yes"),
        ] {
            assert_eq!(verdict(line), Ok(()), "{line}");
            let error = verdict_in(line, dialect).unwrap_err();
            assert!(error.contains(word), "{line}: {error}");
        }
        for line in [
            "list SanServer",
            "create VlanSegment index=7 name=s on VlanGroup name=g",
            "create VmDiskMapping slot=0 storageDevice=d name=m on Vm name=v",
            "create Vnic name=00:21:f6:00:00:18 network=n",
            "edit VirtualDisk id=1 size=20",
            "clone VirtualDisk id=1 target=r cloneType=Sparse",
            "edit Vm id=1 highAvailability=yes",
        ] {
            assert_eq!(verdict_in(line, Dialect::V32), Ok(()), "{line}");
        }
        assert!(verdict("list SanServer").unwrap_err().contains("known in 3.2"));
    }
}
