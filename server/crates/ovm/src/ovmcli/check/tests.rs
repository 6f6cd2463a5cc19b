//! Scripts as people write them, and the mistakes that they make.

use super::*;

fn checked(text: &str, version: Option<Version>) -> Vec<Finding> {
    check_script(
        text,
        CheckOptions {
            version,
            complete: false,
        },
    )
    .findings
}

/// The codes of what is found in one line for 3.4.
fn codes(line: &str) -> Vec<Code> {
    checked(line, Some(Version::V3_4))
        .into_iter()
        .map(|finding| finding.code)
        .collect()
}

fn only(line: &str, version: Version) -> Finding {
    let mut found = checked(line, Some(version));
    assert_eq!(found.len(), 1, "{line}: {found:?}");
    found.remove(0)
}

#[test]
fn right_scripts_have_no_findings() {
    for (text, version) in [
        (
            include_str!("../../../tests/samples/scripts/build-3.4.ovmcli"),
            Version::V3_4,
        ),
        (
            include_str!("../../../tests/samples/scripts/operate-3.4.ovmcli"),
            Version::V3_4,
        ),
        (
            include_str!("../../../tests/samples/scripts/build-3.3.ovmcli"),
            Version::V3_3,
        ),
        (
            include_str!("../../../tests/samples/scripts/build-3.2.ovmcli"),
            Version::V3_2,
        ),
    ] {
        assert_eq!(checked(text, Some(version)), [], "{version}");
        let report = check_script(text, CheckOptions::default());
        assert_eq!(report.findings, [], "without a version");
        assert!(report.commands > 10);
    }
}

#[test]
fn mistakes_are_found_where_they_are() {
    for (line, column, code) in [
        ("create VirtualDsk name=a", 8, Code::UnknownType),
        ("OVM> crate Vm name=a", 6, Code::UnknownCommand),
        ("start Tag name=a", 7, Code::UnknownType),
        ("list", 5, Code::Missing),
        ("refreshAll Vm", 12, Code::UnknownType),
        ("edit Vm name=a memroy=512", 16, Code::UnknownAttribute),
        ("show Vm id=1 name=a", 14, Code::UnknownAttribute),
        ("edit Vm name=a memory=31", 23, Code::OutOfRange),
        ("edit Vm name=a memory=-1", 23, Code::OutOfRange),
        ("edit Vm name=a memory=99999999999999999999", 23, Code::OutOfRange),
        ("edit Vm name=a memory=1GB", 23, Code::BadValue),
        ("edit Vm name=a cpuCount=129", 25, Code::OutOfRange),
        ("edit Vm name=a highAvailability=true", 33, Code::BadValue),
        ("edit Vm name=a domainType=XEN_PV", 27, Code::BadValue),
        ("edit Vm name=a bootOrder=DISK,FLOPPY", 26, Code::BadValue),
        ("edit Vnic name=a macAddress=00:21:f6:00:01", 29, Code::BadValue),
        ("edit Vm memory=512", 9, Code::Missing),
        ("edit Vm name=a", 15, Code::Missing),
        (
            "create VirtualDisk name=a size=1 sparse=Yes on Repository name=r",
            45,
            Code::Missing,
        ),
        (
            "create VirtualDisk name=a size=1 sparse=Yes shareable=No",
            57,
            Code::Missing,
        ),
        (
            "create VirtualDisk name=a size=1 sparse=Yes shareable=No on Vm name=r",
            61,
            Code::UnknownType,
        ),
        (
            "create VirtualDisk name=a size=1 sparse=Yes shareable=No on Repo name=r",
            61,
            Code::UnknownType,
        ),
        (
            "create VirtualDisk name=a size=1 sparse=Yes shareable=No to Repository name=r",
            58,
            Code::Syntax,
        ),
        ("create VmDiskMapping slot=0 name=a on Vm name=v", 36, Code::Missing),
        (
            "create VmDiskMapping slot=0 virtualDisk=d physicalDisk=p name=a on Vm name=v",
            43,
            Code::Conflict,
        ),
        ("create ServerPool clusterEnable=yes name=p", 43, Code::Missing),
        (
            "embeddedCreate Port id=1 ipAddressConfig ipAddressConfigType=STATIC ipAddress=10.0.0.1",
            87,
            Code::Missing,
        ),
        (
            "embeddedCreate Port id=1 ipAddressConfigType=DYNAMIC",
            26,
            Code::Missing,
        ),
        ("add Tag name=a", 15, Code::Missing),
        ("start Vm name=a on Server name=b", 17, Code::Syntax),
        ("set CommandTimeout=0", 20, Code::OutOfRange),
        ("set", 4, Code::Missing),
        ("show Vm name=two words", 18, Code::Quoting),
        ("show Vm name='open", 14, Code::Quoting),
        ("show Vm name=it's", 16, Code::Quoting),
        (
            "importTemplate Repository name=r url=\"http://h/t.tgz\"",
            47,
            Code::Quoting,
        ),
        ("list SanServer", 6, Code::Version),
        ("clone VirtualDisk name=d target=r cloneType=Sparse", 1, Code::Version),
        ("edit VirtualDisk name=d size=20", 25, Code::Version),
        ("add Vnic name=n to Vm name=v", 20, Code::Version),
        ("create Tag name=a \\", 19, Code::Syntax),
        ("show Vm name=", 14, Code::BadValue),
        ("add Tag name=a to Vm id=''", 25, Code::BadValue),
        ("start name=a", 7, Code::Missing),
        ("add Tag name=a to name=v", 19, Code::Syntax),
        ("add Tag name=a to Vm nme=v", 22, Code::Syntax),
        ("create Tag name=“a”", 17, Code::Quoting),
        ("edit ServerPool name=p polcyMode=OFF", 24, Code::UnknownAttribute),
        (
            "create ServerPool clusterEnable=yes fileSystem=f physicalDisk=d name=p",
            50,
            Code::Conflict,
        ),
        (
            "create Network name=n roles=VIRTUAL_MACHINE,STORAGE on Server name=s",
            29,
            Code::BadValue,
        ),
        ("create Vmm ?", 8, Code::UnknownType),
    ] {
        let found = only(line, Version::V3_4);
        assert_eq!(
            (found.line, found.column, found.code),
            (1, column, code),
            "{line}: {found:?}"
        );
        assert!(!found.expected.is_empty(), "{line}");
    }
}

#[test]
fn what_is_right_or_may_be_is_no_mistake() {
    for line in [
        "setVnicMacAddrRange",
        "create Tag name=a description=\"the “new” one\"",
        "edit ServerPool name=p somethingElse=1",
        // Open, and no release that knows the command knows the attribute of its kin.
        "importVirtualAppliance Repository name=r url=http://h/a.ova server=s",
        "create Network name=n roles=VIRTUAL_MACHINE on Server name=s",
        "?",
        "create ?",
        "OVM> create Vm ?",
        "edit Vm name=a description=why?",
    ] {
        assert_eq!(codes(line), [], "{line}");
    }
}

#[test]
fn messages_say_what_was_meant_and_who_knows_it() {
    let expected = |line, version| only(line, version).expected;
    assert_eq!(
        expected("edit Vm name=a memroy=512", Version::V3_4),
        "did you mean `memory`?"
    );
    assert_eq!(expected("shw Vm name=a", Version::V3_4), "did you mean `show`?");
    assert_eq!(expected("list VirtualAppliance", Version::V3_3), "known in 3.4");
    assert_eq!(expected("showclisession", Version::V3_2), "known in 3.4");
    assert_eq!(
        expected("getVmCfgFileContent Vm name=a", Version::V3_2),
        "known in 3.3 and 3.4"
    );
    assert_eq!(
        expected("edit ServerPool name=p startPolicy=BALANCE_SERVER", Version::V3_3),
        "known in 3.4"
    );
    assert_eq!(
        expected(
            "create VmDiskMapping slot=1000001 virtualDisk=d name=m on Vm name=v",
            Version::V3_4
        ),
        "a whole number from 0 to 1000000"
    );
}

#[test]
fn words_are_taken_in_any_case_and_lines_in_any_shape() {
    let text = "\u{feff}OVM> SHOW virtualdisk NAME=a\r\n\n  OVM> OVM> set outputmode=XML;list vm ;\r\n# a note; it's free\nOVM> \n";
    let report = check_script(text, CheckOptions::default());
    assert_eq!((report.findings.len(), report.commands, report.notes), (0, 3, 1));
    assert_eq!(checked("list Vm\rlist Tags\r", None)[0].line, 2);
    let second = &checked("show Vm name='a;b'; lst Vm", None)[0];
    assert_eq!((second.line, second.column), (1, 21));
}

#[test]
fn answers_in_a_transcript_are_no_commands() {
    let text = "OVM> list Tag;\nCommand: list Tag\nStatus: Success\nTime: 2024-01-01 00:00:00,000 CET\nData:\n  id:1  name:a\n\
                OVM> lst Tag\nOVM> Connection closed.\n";
    let report = check_script(text, CheckOptions::default());
    assert_eq!(
        (report.commands, report.findings.len(), report.findings[0].line),
        (2, 1, 7)
    );
    assert_eq!(
        codes("Command: list Tag"),
        [Code::UnknownCommand],
        "without a prompt it is no answer"
    );
}

#[test]
fn the_release_is_told_by_what_only_it_knows() {
    let version = |text| check_script(text, CheckOptions::default()).version;
    assert_eq!(version("list Vm"), Version::V3_4);
    assert_eq!(version("list VlanGroup\nlist Vm"), Version::V3_2);
    assert_eq!(
        version("list VlanGroup\nlist VirtualAppliance\nshowclisession"),
        Version::V3_4
    );
    assert_eq!(version("lst VlanGroup"), Version::V3_4);
}

fn references(text: &str, complete: bool) -> Vec<(usize, usize)> {
    let options = CheckOptions {
        version: Some(Version::V3_4),
        complete,
    };
    let found = check_script(text, options).findings;
    assert!(found.iter().all(|finding| finding.code == Code::Reference), "{found:?}");
    found
        .into_iter()
        .map(|finding| (finding.line, finding.column))
        .collect()
}

const DISK: &str = "create VirtualDisk name=d1 size=1 sparse=Yes shareable=No on Repository name=r";

#[test]
fn objects_must_be_made_before_they_are_used_and_still_be_there() {
    let map = |name: &str| format!("create VmDiskMapping slot=0 virtualDisk={name} name=m on Vm name=v");
    assert_eq!(references(&map("d1"), false), [], "the estate may have it");
    assert_eq!(references(&format!("{DISK}\n{}", map("d1")), false), []);
    assert_eq!(
        references(&format!("{}\n{DISK}", map("d1")), false),
        [(1, 41)],
        "too early"
    );
    assert_eq!(references(&format!("{DISK}\n{}", map("d2")), false), [(2, 41)], "never");
    let id = "0004fb00001200001122334455667788.img";
    assert_eq!(references(&format!("{DISK}\n{}", map(id)), false), [], "an id");
    let gone = format!("{DISK}\ndelete VirtualDisk name=d1\n{}", map("d1"));
    assert_eq!(references(&gone, false), [(3, 41)]);
    let renamed = format!("{DISK}\nedit VirtualDisk name=d1 name=d2\n{}", map("d2"));
    assert_eq!(references(&renamed, false), []);
    assert_eq!(
        references(&format!("show VirtualDisk name=d1\n{DISK}"), false),
        [],
        "looking is allowed"
    );
    assert_eq!(
        references(&format!("{DISK}\n{}", map("${disk}")), false),
        [],
        "a placeholder"
    );
    let imported = format!(
        "{DISK}\nimportVirtualDisk Repository name=r url=http://h/d.img\n{}",
        map("d2")
    );
    assert_eq!(references(&imported, false), [], "the name of an import is not known");
}

const BUILD: &str = "create Repository name=r on FileSystem name=f\nrefresh Repository name=r";

#[test]
fn objects_of_others_are_told_from_what_the_script_builds() {
    let map = |name: &str| format!("create VmDiskMapping slot=0 virtualDisk={name} name=m on Vm name=v");
    let owned = "takeOwnership Repository name=old\nadd Server name=s to Repository name=old";
    assert_eq!(references(&format!("{BUILD}\n{DISK}\n{}", map("x")), false), [(4, 41)]);
    assert_eq!(
        references(&format!("{BUILD}\n{owned}\n{DISK}\n{}", map("x")), false),
        [],
        "the old repository has disks"
    );
    let again = "stop Vm name=web\ndelete Vm name=web\n\
                 create Vm name=web domainType=XEN_PVM repository=r on ServerPool name=p";
    assert_eq!(references(again, false), [], "there before, and made again");
    let clone = "create VmCloneCustomizer name=c1 on Vm name=v\n\
                 edit VmCloneCustomizer name=c2 description=x\n\
                 delete VmCloneCustomizer name=c1\n\
                 moveVmToRepository Vm name=v cloneCustomizer=c3 targetRepository=r";
    assert_eq!(references(clone, false), [(2, 24)], "what is made for a while only");
}

#[test]
fn ids_and_names_that_the_manager_gives_are_taken_to_exist() {
    let text = "create Network name=lan\n\
                edit Network name=192.0.2.0 roles=MANAGEMENT\n\
                create Vnic network=0a1b2c3d name=c on Vm name=v\n\
                create BondPort ethernetPorts=a,b mode=LOAD_BALANCED mtu=1500 name=bond1 on Server name=s\n\
                create VlanInterface vlanId=7 name=vlan7 on BondPort name=bond0\n\
                show VirtualDisk name=0004fb00001200001122334455667788.img";
    assert_eq!(references(&format!("{DISK}\n{text}"), false), []);
}

#[test]
fn a_mistake_is_found_once_and_not_again_where_its_object_is_used() {
    let map = "create VmDiskMapping slot=0 virtualDisk=d2 name=m on Vm name=v";
    for (wrong, column) in [
        ("creat VirtualDisk name=d2 size=1", 1),
        ("create VirtualDsk name=d2 size=1", 8),
        ("create VirtualDisk size=1 name='d2", 32),
        ("create VirtualDisk size=1 name=d2 \\\nsparse=Yes", 35),
    ] {
        let text = format!("{wrong}\n{DISK}\n{map}");
        let found = only(&text, Version::V3_4);
        assert_eq!((found.line, found.column), (1, column), "{text}");
    }
}

#[test]
fn references_follow_the_words_of_the_release() {
    let text = format!("create VmDiskMapping slot=0 storageDevice=d1 name=m on Vm name=v\n{DISK}");
    let found = only(&text, Version::V3_2);
    assert_eq!((found.column, found.code), (43, Code::Reference));
}

#[test]
fn the_nearest_name_is_offered() {
    let text = format!("{DISK}\nshow VirtualDisk name=d");
    assert_eq!(only(&text, Version::V3_4).expected, "did you mean `d1`?");
}

#[test]
fn a_complete_script_uses_only_what_it_makes_and_what_servers_report() {
    let text = "discoverServer ipAddress=10.0.0.7 password=${agent} takeOwnership=Yes\n\
                create ServerPool name=p\n\
                add Server name=s1 to ServerPool name=p\n\
                create FileSystem physicalDisk=lun1 name=fs on FileServer name='Local FS s1'\n\
                create Repository name=r on FileSystem name=fs\n";
    assert_eq!(references(text, true), []);
    assert_eq!(
        references(&format!("{text}add Server name=s1 to Repository name=x"), true),
        [(6, 34)]
    );
    assert_eq!(references("delete Network id=10a1b2c3", true), [(1, 16)]);
    assert_eq!(references("add Server id=00:11 to ServerPool name=p", true), [(1, 35)]);
}
