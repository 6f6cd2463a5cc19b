//! Files in the shapes that the Manager, other tools and people write, and damaged ones.

use super::*;
use proptest::prelude::*;

const PVM: &str = "vif = ['mac=00:21:F6:00:aa:01,bridge=c0a80a00', 'mac=00:21:f6:00:aa:02, br7']
OVM_simple_name = 'Order entry'
disk = ['file:/OVS/Repositories/0004fb00000300000a/VirtualDisks/0004fb00001200000b.img,xvda,w', 'phy:/dev/mapper/36001405aa,xvdb,w!', 'file:,xvdc:cdrom,r', 'file:///srv/a,b.img,xvdd,w']
bootargs = ''
uuid = '0004fb00-0006-0000-0000-00000000000a'
#vnclisten = '127.0.0.1'
memory = '4096'
maxmem=8192

OVM_high_availability = True
vfb = ['type=vnc,vncunused=1']
";

const ODD: &str = "\u{feff}acpi = 1  \r
hap=1 # paravirtual help
ports = [
        {  'id' : '0xbb01',
           'keys' : ['0xffff', ],  # all
           'port' : '1'},
        { u'id' : u'caf\\xe9 \\ud83d\\ude00', 'keys' : [], \"port\" : '2'},
        ]
one = (1,)
pair = (1, -2L)
bare = (3)
nothing = None
mask = 0x1f
mode = 0644
name = 'it\\'s \"caf\\xc3\\xa9\"\\t\\101\\q'
raw = r'a\\b'
";

#[test]
fn reads_what_the_manager_writes() {
    let cfg = VmCfg::parse(PVM).unwrap();
    assert_eq!(cfg.text("OVM_simple_name"), Some("Order entry"));
    assert_eq!((cfg.number("memory"), cfg.number("maxmem")), (Some(4096), Some(8192)));
    assert_eq!(cfg.get("OVM_high_availability"), Some(&Value::Bool(true)));
    assert_eq!(cfg.get("vnclisten"), None);
    assert_eq!(cfg.entries().count(), 9);
}

#[test]
fn disks_and_cards() {
    let cfg = VmCfg::parse(PVM).unwrap();
    let disks = cfg.disks();
    let path = "VirtualDisks/0004fb00001200000b.img";
    let repository = crate::ids::RepositoryId::new("0004fb00000300000a");
    assert_eq!(disks[0].in_repository(), Some((repository, path)));
    assert_eq!((disks[1].wwid(), disks[1].mode.as_str()), (Some("36001405aa"), "w!"));
    assert_eq!(
        (disks[2].path.as_str(), disks[2].cdrom, disks[2].device.as_str()),
        ("", true, "xvdc")
    );
    assert_eq!(disks[3].path, "/srv/a,b.img");
    assert_eq!(disks[1].to_string(), "phy:/dev/mapper/36001405aa,xvdb,w!");
    let vifs = cfg.vifs();
    assert_eq!(vifs[0].mac.as_deref(), Some("00:21:f6:00:aa:01"));
    assert_eq!(vifs[0].bridge.as_deref(), Some("c0a80a00"));
    assert_eq!(
        (vifs[1].bridge.as_deref(), vifs[1].other.as_slice()),
        (None, ["br7".to_owned()].as_slice())
    );
    assert_eq!(cfg.warnings(), ["The network card 00:21:f6:00:aa:02 names no bridge."]);
}

#[test]
fn reads_python_in_all_the_shapes_met() {
    let cfg = VmCfg::parse(ODD).unwrap();
    assert_eq!(cfg.number("hap"), Some(1));
    let ports = cfg.get("ports").and_then(Value::as_list).unwrap();
    assert_eq!(ports.len(), 2);
    let Value::Dict(second) = &ports[1] else {
        panic!("{ports:?}")
    };
    assert_eq!(second[0], ("id".into(), "café 😀".into()));
    assert_eq!(cfg.get("one"), Some(&Value::Tuple(vec![Value::Int(1)])));
    assert_eq!(
        cfg.get("pair"),
        Some(&Value::Tuple(vec![Value::Int(1), Value::Int(-2)]))
    );
    assert_eq!(cfg.get("bare"), Some(&Value::Int(3)));
    assert_eq!(cfg.get("nothing"), Some(&Value::None));
    assert_eq!((cfg.number("mask"), cfg.number("mode")), (Some(31), Some(420)));
    assert_eq!(cfg.text("name"), Some("it's \"café\"\tA\\q"));
    assert_eq!(cfg.text("raw"), Some("a\\b"));
}

#[test]
fn strings_have_several_lines_between_triple_quotes() {
    let text = "a = '''one\nb = 'two'\n'''\nc = \"\"\"it's\\\n \"so\"\\\"\"\"\"\nd = ''''''\ne = ''\nf = r'''\\n'''\n";
    let cfg = VmCfg::parse(text).unwrap();
    assert_eq!(cfg.text("a"), Some("one\nb = 'two'\n"));
    assert_eq!(cfg.text("c"), Some("it's \"so\"\""));
    assert_eq!(
        (cfg.text("d"), cfg.text("e"), cfg.text("f")),
        (Some(""), Some(""), Some("\\n"))
    );
    assert_eq!(cfg.entries().count(), 5, "no line of a string is a key");
    assert!(VmCfg::parse("a = '''one\nb = 2\n").is_err());
}

#[test]
fn strings_side_by_side_are_one() {
    let text = "a = 'x' u'y'\nb = ['p'  # the first half\n  \"q\", 'r']\nc = 'z'\n";
    let cfg = VmCfg::parse(text).unwrap();
    assert_eq!((cfg.text("a"), cfg.text("c")), (Some("xy"), Some("z")));
    assert_eq!(cfg.get("b"), Some(&Value::List(vec!["pq".into(), "r".into()])));
    let found = inspect(text.as_bytes()).unwrap();
    let sentence = "Line 2: `b`: strings without a comma between them are read as one.";
    assert_eq!(found.warnings, [sentence], "a comma may have been forgotten");
}

#[test]
fn a_backslash_hides_the_end_of_a_line() {
    let cfg = VmCfg::parse("a = \\\n 'x' \\\n 'y'\nb \\\n= [1, \\\n 2]\n").unwrap();
    assert_eq!(cfg.text("a"), Some("xy"));
    assert_eq!(cfg.get("b"), Some(&Value::List(vec![Value::Int(1), Value::Int(2)])));
    assert!(VmCfg::parse("a = 1 + \\\n 2").is_err());
}

#[test]
fn numbers_in_all_notations() {
    let cfg = VmCfg::parse("a = 0o17\nb = 0B11\nc = 0X1E\nd = -.5\n").unwrap();
    assert_eq!(
        ["a", "b", "c"].map(|key| cfg.number(key)),
        [Some(15), Some(3), Some(30)]
    );
    assert_eq!(cfg.get("d"), Some(&Value::Float("-.5".into())));
}

#[test]
fn never_evaluates() {
    for text in [
        "a = open('x')",
        "a = b",
        "a = 'x' + 'y'",
        "import os",
        "a = 1; b = 2",
        "a = 'x\ny'",
        "a = [1",
        "a = 1.5.2",
        "a = 1e999",
    ] {
        assert!(VmCfg::parse(text).is_err(), "{text}");
    }
    let error = VmCfg::parse("a = 1\nb = [1,\n  oops]").unwrap_err();
    assert_eq!((error.line, error.column), (3, 3));
    let deep = format!("a = {}{}", "[".repeat(5000), "]".repeat(5000));
    assert!(VmCfg::parse(&deep).unwrap_err().message.contains("nested"));
}

#[test]
fn values_are_replaced_in_place() {
    let cfg = VmCfg::parse("memory = 1\nname = 'a'\n")
        .unwrap()
        .with("memory", 2048)
        .unwrap();
    let cfg = cfg.with("note", "new").unwrap();
    assert_eq!(cfg.render(), "memory = 2048\nname = 'a'\nnote = 'new'\n");
    assert!(cfg.with("a = 1\nb", 1).is_err());
}

#[test]
fn warns_about_what_it_cannot_use() {
    let warnings = VmCfg::parse("a = 1\na = 2\ndisk = ['nonsense', 3]\nvif = {}")
        .unwrap()
        .warnings();
    assert_eq!(warnings.len(), 4, "{warnings:?}");
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<String>().prop_map(Value::Text),
        any::<i64>().prop_map(Value::Int),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::None),
        Just(Value::Float("-1.50e+3".to_owned())),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let list = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            list().prop_map(Value::List),
            list().prop_map(Value::Tuple),
            prop::collection::vec((inner.clone(), inner.clone()), 0..3).prop_map(Value::Dict),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(entries in prop::collection::vec(("[A-Za-z_][A-Za-z0-9_]{0,8}", value()), 0..5)) {
        let mut cfg = VmCfg::default();
        for (key, value) in entries {
            cfg.set(&key, value).unwrap();
        }
        prop_assert_eq!(VmCfg::parse(&cfg.render()), Ok(cfg));
    }

    #[test]
    fn damaged_files_never_panic(odd in any::<bool>(), at in 0_usize..600, with in "[\\[\\]{}()'\"\\\\,=#u0-9\n é]{0,4}") {
        let mut characters: Vec<char> = if odd { ODD } else { PVM }.chars().collect();
        let at = at.min(characters.len());
        characters.splice(at..(at + 2).min(characters.len()), with.chars());
        let text: String = characters.into_iter().collect();
        if let Ok(cfg) = VmCfg::parse(&text) {
            cfg.warnings();
            prop_assert_eq!(VmCfg::parse(&cfg.render()), Ok(cfg));
        }
    }
}
