//! Few combinations in which every two choices meet: most faults need no more than two things at once.

use std::collections::BTreeSet;

/// A factor and one of its values.
type Choice = (usize, usize);

/// Rows with one value for each factor, such that every two values of different factors are together in one of them.
/// Factor `n` has the values below `values[n]`. The same for the same input.
pub(super) fn covering(values: &[usize]) -> Vec<Vec<usize>> {
    let mut open = pairs(values);
    let mut rows = Vec::new();
    while let Some((first, second)) = open.first().copied() {
        let mut row = vec![first, second];
        for factor in (0..values.len()).filter(|factor| *factor != first.0 && *factor != second.0) {
            let met = |value: &usize| {
                row.iter()
                    .filter(|other| open.contains(&pair(**other, (factor, *value))))
                    .count()
            };
            row.extend((0..values[factor]).max_by_key(met).map(|value| (factor, value)));
        }
        row.sort_unstable();
        open.retain(|(one, other)| !(row.contains(one) && row.contains(other)));
        rows.push(row.into_iter().map(|(_, value)| value).collect());
    }
    rows
}

/// All pairs of values of different factors.
fn pairs(values: &[usize]) -> BTreeSet<(Choice, Choice)> {
    let choices = |factor: usize| (0..values[factor]).map(move |value| (factor, value));
    let later = |one: Choice| {
        (one.0 + 1..values.len())
            .flat_map(choices)
            .map(move |other| (one, other))
    };
    (0..values.len()).flat_map(choices).flat_map(later).collect()
}

fn pair(one: Choice, other: Choice) -> (Choice, Choice) {
    (one.min(other), one.max(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_two_values_meet_in_few_rows() {
        let values = [2, 4, 2, 3, 2, 2, 3, 2];
        let rows = covering(&values);
        for ((one, a), (other, b)) in pairs(&values) {
            assert!(rows.iter().any(|row| row[one] == a && row[other] == b));
        }
        assert!(rows.iter().all(|row| row.len() == values.len()));
        assert!((12..=18).contains(&rows.len()), "{}", rows.len());
    }
}
