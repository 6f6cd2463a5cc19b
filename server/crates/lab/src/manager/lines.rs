//! The `key = value` lines of an object, in the spelling that the switches give.

use crate::model::{Estate, Kind};
use crate::switches::{Booleans, EnumWords, Switches};

const GIB: f64 = 1_073_741_824.0;

/// Collects `key = value` lines.
pub(super) struct Lines<'a> {
    pub estate: &'a Estate,
    pub switches: &'a Switches,
    lines: Vec<(String, String)>,
}

impl<'a> Lines<'a> {
    /// None yet.
    pub fn new(estate: &'a Estate, switches: &'a Switches) -> Self {
        Self {
            estate,
            switches,
            lines: Vec::new(),
        }
    }

    /// What was collected, in the order in which it came.
    pub fn into_inner(self) -> Vec<(String, String)> {
        self.lines
    }

    /// A plain value.
    pub fn put(&mut self, key: &str, value: impl ToString) {
        self.lines.push((key.to_owned(), value.to_string()));
    }

    /// A boolean in the spelling that the switches give.
    pub fn flag(&mut self, key: &str, value: bool) {
        let word = match (value, self.switches.booleans) {
            (true, Booleans::YesNo) => "Yes",
            (false, Booleans::YesNo) => "No",
            (true, Booleans::LowerCase) => "yes",
            (false, Booleans::LowerCase) => "no",
        };
        self.put(key, word);
    }

    /// A constant, usually in words: `USE_POOL_POLICY` becomes `Use Pool Policy`.
    pub fn constant(&mut self, key: &str, constant: &str) {
        match self.switches.enum_words {
            EnumWords::Words => self.put(key, words(constant)),
            EnumWords::Constants => self.put(key, constant),
        }
    }

    /// Values as `Key 1 = value` and so on.
    pub fn put_all(&mut self, key: &str, values: &[String]) {
        for (number, value) in (1..).zip(values) {
            self.put(&format!("{key} {number}"), value);
        }
    }

    /// `id  [name]`.
    pub fn refer(&mut self, key: &str, id: &str) {
        let value = format!("{id}  [{}]", self.estate.name_of(id));
        match self.switches.reference_keys_end_in_id && !key.ends_with("Id") && !key.ends_with(char::is_numeric) {
            true => self.put(&format!("{key} Id"), value),
            false => self.put(key, value),
        }
    }

    /// `id  [name]` when there is one.
    pub fn refer_if(&mut self, key: &str, id: Option<&str>) {
        if let Some(id) = id {
            self.refer(key, id);
        }
    }

    /// `Key 1 = id  [name]` and so on.
    pub fn refer_all<'i>(&mut self, key: &str, ids: impl IntoIterator<Item = &'i str>) {
        for (number, id) in (1..).zip(ids) {
            self.refer(&format!("{key} {number}"), id);
        }
    }

    /// The objects of a type that refer to `id`, as `Type 1 = id  [name]` and so on.
    pub fn refer_to(&mut self, key: &str, id: &str, kind: Kind) {
        let estate = self.estate;
        self.refer_all(key, estate.objects.referrers(id, kind).map(|object| object.id.as_str()));
    }

    /// A size in GiB with one decimal.
    pub fn gib(&mut self, key: &str, bytes: u64) {
        // Sizes of disks lose nothing in a double.
        #[expect(clippy::cast_precision_loss, reason = "one decimal is printed")]
        let size = bytes as f64 / GIB;
        self.put(key, format!("{size:.1}"));
    }

    /// The tags that an object carries.
    pub fn tags(&mut self, id: &str) {
        self.refer_to("Tag", id, Kind::Tag);
    }
}

/// A constant in words: `USE_POOL_POLICY` becomes `Use Pool Policy`.
pub(super) fn words(constant: &str) -> String {
    let word = |word: &str| match word {
        "OS" | "PS2" | "USB" | "PXE" => word.to_owned(),
        _ => word
            .chars()
            .take(1)
            .chain(word.to_ascii_lowercase().chars().skip(1))
            .collect(),
    };
    constant.split('_').map(word).collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn constants_become_words() {
        assert_eq!(words("USE_POOL_POLICY"), "Use Pool Policy");
        assert_eq!(words("OS_DEFAULT"), "OS Default");
        assert_eq!(words("DISK"), "Disk");
    }
}
