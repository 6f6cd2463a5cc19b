//! The properties of one object, taken out one by one until the rest is left over.

use super::ReadError;
use crate::{
    estate::Attributes,
    ovmcli::{Answer, Item, Property, Reference, Status},
};

/// Bytes of a GiB, the unit of all sizes in answers.
const GIB: f64 = 1_073_741_824.0;

/// An answer from which fields are taken.
pub(super) struct Bag<'a> {
    object: String,
    answer: &'a Answer,
    taken: Vec<&'a Property>,
    /// Name of the object: as shown, else as listed.
    pub(super) name: String,
}

impl<'a> Bag<'a> {
    /// Checks that the answer shows the object, and takes its id and name.
    pub(super) fn new(object_type: &str, item: &Item, answer: &'a Answer) -> Result<Self, ReadError> {
        let object = format!("{object_type} {}", item.id);
        if answer.status != Status::Success {
            let reason = reason(answer);
            return Err(ReadError::NotShown { object, reason });
        }
        let mut bag = Self {
            object,
            answer,
            taken: Vec::new(),
            name: String::new(),
        };
        let shown = bag.reference("Id");
        let own_name = bag.text("Name");
        if let Some(shown) = shown.as_ref().filter(|shown| shown.id != item.id) {
            return Err(ReadError::OtherObject {
                object: bag.object,
                shown: shown.id.clone(),
            });
        }
        let beside_id = shown.map(|shown| shown.name).filter(|name| !name.is_empty());
        bag.name = own_name.or(beside_id).unwrap_or_else(|| item.name.clone());
        Ok(bag)
    }

    /// The first property with one of the keys.
    fn take(&mut self, keys: &[&str]) -> Option<&'a Property> {
        let found = keys.iter().find_map(|key| self.answer.property(key))?;
        self.taken.push(found);
        Some(found)
    }

    /// A value that is not empty.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.take(&[key])
            .map(|property| property.value.clone())
            .filter(|value| !value.is_empty())
    }

    /// Another object.
    pub(super) fn reference(&mut self, key: &str) -> Option<Reference> {
        self.take(&[key])?.target()
    }

    /// The other objects `prefix 1`, `prefix 2` and so on.
    pub(super) fn references(&mut self, prefix: &str) -> Vec<Reference> {
        let found = self.answer.indexed(prefix);
        self.taken.extend(&found);
        found.into_iter().filter_map(Property::target).collect()
    }

    /// Takes the reference to the object that this one belongs to: it is known from there.
    pub(super) fn take_back_reference(&mut self, key: &str) {
        self.take(&[key]);
    }

    /// The first property whose key fulfils the condition.
    pub(super) fn take_where(&mut self, fits: impl Fn(&Property) -> bool) -> Option<&'a Property> {
        let found = self.answer.properties.iter().find(|property| fits(property))?;
        self.taken.push(found);
        Some(found)
    }

    /// `Yes` or `true`; anything else and nothing at all is no.
    pub(super) fn flag(&mut self, key: &str) -> bool {
        self.take(&[key]).is_some_and(Property::says_yes)
    }

    /// A whole number, when the property is there.
    pub(super) fn number<T: std::str::FromStr>(&mut self, key: &str) -> Result<Option<T>, ReadError> {
        let Some(value) = self.text(key) else { return Ok(None) };
        let number = value.parse().map_err(|_| self.invalid(key, &value))?;
        Ok(Some(number))
    }

    /// A whole number that must be there.
    pub(super) fn demand_number<T: std::str::FromStr>(&mut self, key: &str) -> Result<T, ReadError> {
        self.number(key)?.ok_or_else(|| self.missing(key))
    }

    /// A size in GiB with decimals, as bytes.
    pub(super) fn size(&mut self, key: &str) -> Result<Option<u64>, ReadError> {
        let Some(value) = self.text(key) else { return Ok(None) };
        let gib: f64 = value.parse().map_err(|_| self.invalid(key, &value))?;
        if (0.0..=1e9).contains(&gib) {
            Ok(Some((gib * GIB).round() as u64))
        } else {
            Err(self.invalid(key, &value))
        }
    }

    pub(super) fn missing(&self, key: &str) -> ReadError {
        ReadError::Missing {
            object: self.object.clone(),
            key: key.to_owned(),
        }
    }

    fn invalid(&self, key: &str, value: &str) -> ReadError {
        ReadError::Invalid {
            object: self.object.clone(),
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }

    /// Everything that was not taken, in the order of the answer.
    pub(super) fn rest(self) -> Attributes {
        let is_taken = |property: &Property| self.taken.iter().any(|taken| std::ptr::eq(*taken, property));
        let left = self.answer.properties.iter().filter(|property| !is_taken(property));
        left.map(|property| (property.key.clone(), property.value.clone()))
            .collect()
    }
}

/// Why an answer that is not a success shows nothing.
fn reason(answer: &Answer) -> String {
    match (&answer.error, answer.truncated) {
        (Some(error), _) => error.message.clone(),
        (None, true) => "the answer was cut off".to_owned(),
        (None, false) => "the answer says neither success nor why not".to_owned(),
    }
}
