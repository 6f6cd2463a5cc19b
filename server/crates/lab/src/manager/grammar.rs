//! Refuses what the Manager would refuse before it makes a job: unknown commands, types and attributes, missing ones,
//! values out of range. So the lab accepts no command that a real Manager does not know.

use super::forms::{FORMS, Form, Named, Value};
use super::reply::CliError;
use ovm::ovmcli::{Command, SyntaxError, Target, TokenKind, tokenize};

/// Longest description, in characters.
const DESCRIPTION: usize = 4_000;

/// Reads a command line. `embedded...` commands name the embedded object between the object and its attributes.
pub(super) fn read(line: &str) -> Result<Command, SyntaxError> {
    let embedded = line.split_whitespace().find(|word| *word != "OVM>");
    match embedded {
        Some(verb) if verb.to_ascii_lowercase().starts_with("embedded") => read_embedded(line),
        _ => Command::parse(line),
    }
}

/// `embeddedEdit Port id=... ipAddressConfig id=1 ...`: what follows the second word without `=` are attributes.
fn read_embedded(line: &str) -> Result<Command, SyntaxError> {
    let mut tokens = tokenize(line)?;
    let inner = tokens.iter().skip(2).position(|token| match &token.kind {
        TokenKind::Word(word) => word.eq_ignore_ascii_case("ipAddressConfig"),
        TokenKind::Pair(_) => false,
    });
    let Some(inner) = inner else {
        return Err(SyntaxError {
            column: 1,
            kind: ovm::ovmcli::syntax::SyntaxErrorKind::Structure,
            message: "ipAddressConfig is missing".to_owned(),
        });
    };
    let attributes = tokens.split_off(inner + 2).into_iter().skip(1);
    let words = tokens.into_iter().map(|token| match token.kind {
        TokenKind::Word(word) => word,
        TokenKind::Pair(pair) => format!("{}=\"{}\"", pair.key, pair.value.replace('/', "//").replace('"', "/\"")),
    });
    let mut command = Command::parse(&words.collect::<Vec<_>>().join(" "))?;
    for token in attributes {
        match token.kind {
            TokenKind::Pair(pair) => command.attributes.push(pair),
            TokenKind::Word(word) => {
                return Err(SyntaxError {
                    column: token.column,
                    kind: ovm::ovmcli::syntax::SyntaxErrorKind::Structure,
                    message: format!("{word} is not an attribute"),
                });
            }
        }
    }
    Ok(command)
}

/// Refuses what is not a form of a command.
pub(super) fn check(command: &Command) -> Result<(), CliError> {
    let form = form_of(command)?;
    for attribute in &command.attributes {
        let value = form
            .value(&attribute.key)
            .ok_or_else(|| CliError::syntax(&format!("{} is not an attribute of this command", attribute.key)))?;
        if !fits(value, &attribute.value) {
            return Err(invalid(&attribute.key, &attribute.value));
        }
    }
    let name = (form.named == Named::Must).then_some(&"name");
    if let Some(missing) = name
        .into_iter()
        .chain(form.mandatory)
        .find(|key| command.attribute(key).is_none())
    {
        return Err(CliError::syntax(&format!("the attribute {missing} is missing")));
    }
    if command.attribute("name").is_some_and(str::is_empty) {
        return Err(invalid("name", ""));
    }
    let description = command.attribute("description").map_or(0, |text| text.chars().count());
    if description > DESCRIPTION {
        return Err(CliError::syntax("description is longer than 4,000 characters"));
    }
    if command.is("edit") && command.attributes.is_empty() {
        return Err(CliError::syntax("edit needs an attribute"));
    }
    check_objects(form, command)
}

/// The form of the verb and the type; of several, the one that takes the object after the preposition.
fn form_of(command: &Command) -> Result<&'static Form, CliError> {
    let mut forms = FORMS.iter().filter(|form| command.is(form.verb)).peekable();
    if forms.peek().is_none() {
        return Err(CliError::syntax(&format!("{} is not a command", command.verb)));
    }
    let fitting: Vec<_> = forms
        .filter(|form| match &command.object_type {
            Some(object_type) => holds(form.types, object_type),
            None => form.types.is_empty(),
        })
        .collect();
    let takes_target = |form: &&&Form| {
        let target = command.target.as_ref();
        target.is_some_and(|target| holds(form.targets, &target.object_type))
    };
    let form = fitting.iter().find(takes_target).or(fitting.first());
    form.copied().ok_or_else(|| {
        let what = command.object_type.as_deref().unwrap_or("no object type");
        CliError::syntax(&format!("{} does not take {what}", command.verb))
    })
}

fn check_objects(form: &Form, command: &Command) -> Result<(), CliError> {
    if command.selector.is_none() && !form.types.is_empty() && !command.is("create") {
        return Err(CliError::syntax("id= or name= is missing"));
    }
    match &command.target {
        None if form.targets.is_empty() || form.target_optional => Ok(()),
        Some(target) if holds(form.targets, &target.object_type) && preposition_fits(command, target) => Ok(()),
        None => Err(CliError::syntax("the object after on, to or from is missing")),
        Some(target) => Err(CliError::syntax(&format!(
            "{} {} cannot stand there",
            target.preposition, target.object_type
        ))),
    }
}

fn preposition_fits(command: &Command, target: &Target) -> bool {
    let expected = match command.verb.to_ascii_lowercase().as_str() {
        "add" => "to",
        "remove" => "from",
        _ => "on",
    };
    target.preposition.eq_ignore_ascii_case(expected)
}

fn fits(value: Value, text: &str) -> bool {
    match value {
        Value::Text => true,
        Value::YesNo => holds(&["Yes", "No"], text),
        Value::Int(least, most) => text.parse().is_ok_and(|number: u64| (least..=most).contains(&number)),
        Value::One(constants) => holds(constants, text),
        Value::Many(_) if text.is_empty() => true,
        Value::Many(constants) => text.split(',').all(|word| holds(constants, word.trim())),
    }
}

/// A value that the attribute does not take.
pub(super) fn invalid(key: &str, value: &str) -> CliError {
    CliError::syntax(&format!("{value} is not a value of {key}"))
}

fn holds(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(line: &str) -> Result<(), String> {
        check(&read(line).unwrap()).map_err(|error| error.text().to_owned())
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
            ("start Repository name=r", "Repository"),
            ("explode Vm name=r", "explode"),
            ("create Vm name=a domainType=XEN_PVM repository=r", "missing"),
            ("edit Vm name=a", "attribute"),
            ("delete Tag", "id= or name="),
            ("create VlanInterface vlanId=1 name=v on Port id=1", "vlanId"),
            ("create VlanInterface vlanId=4096 name=v on Port id=1", "vlanId"),
            ("create Network name=n roles=BACKUP", "roles"),
            (
                "create BondPort ethernetPorts=a,b mode=BROADCAST mtu=1500 name=b on Server name=s",
                "mode",
            ),
            (
                "create ServerPool name=p clusterEnable=Yes clusterTimeout=10",
                "clusterTimeout",
            ),
            ("add Tag name=t from Vm name=v", "from Vm"),
            ("add Tag name=t to Network name=n", "to Network"),
        ] {
            let error = verdict(line).unwrap_err();
            assert!(error.contains(word), "{line}: {error}");
        }
    }

    #[test]
    fn an_embedded_object_has_an_id_of_its_own() {
        let command = read("embeddedEdit Port id=0004 ipAddressConfig id=2 ipAddress=10.0.0.7").unwrap();
        assert_eq!(command.selector.as_ref().map(|selector| selector.value()), Some("0004"));
        assert_eq!(
            (command.attribute("id"), command.attribute("ipAddress")),
            (Some("2"), Some("10.0.0.7"))
        );
        assert!(read("embeddedEdit Port id=0004 id=2").is_err());
    }
}
