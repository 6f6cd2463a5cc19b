//! Numbers as people read them: sizes in binary units, rates, durations, times relative to now, long ids shortened.

use domain::time::Timestamp;

/// Binary units above the byte.
const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];

/// A size, for example `12 GiB`, `1.5 MiB`, `512 bytes`. Three digits at most before the unit changes.
pub fn bytes(size: u64) -> String {
    if size < 1024 {
        return format!("{size} {}", if size == 1 { "byte" } else { "bytes" });
    }
    // Tenths of a unit, rounded; in 128 bits, since ten times a size need not fit into 64.
    let tenths = |power: u32| (u128::from(size) * 10 + (1_u128 << (10 * power - 1))) >> (10 * power);
    let power = (1..=5).find(|power| tenths(*power) < 10_240).unwrap_or(5);
    let value = tenths(power);
    let unit = UNITS.get(power as usize - 1).copied().unwrap_or("PiB");
    if value >= 1_000 || value % 10 == 0 {
        format!("{} {unit}", (value + 5) / 10)
    } else {
        format!("{}.{} {unit}", value / 10, value % 10)
    }
}

/// A size that may not be known.
pub fn bytes_or_unknown(size: Option<u64>) -> String {
    size.map_or_else(|| "unknown".into(), bytes)
}

/// What is used of a disk. The Manager tells it in tenths of a GiB, so none may well be some.
pub fn used(size: u64) -> String {
    match size {
        0 => "under 0.1 GiB".into(),
        _ => bytes(size),
    }
}

/// Memory as Oracle VM counts it, in MB that are MiB.
pub fn megabytes(size: u64) -> String {
    bytes(size.saturating_mul(1 << 20))
}

/// A rate, for example `210 MiB/s`.
pub fn rate(bytes_a_second: u64) -> String {
    format!("{}/s", bytes(bytes_a_second))
}

/// How far a copy is: `1.2 GiB of 4 GiB, 210 MiB/s`.
pub fn progress(done: u64, of: Option<u64>, bytes_a_second: u64) -> String {
    let amount = match of {
        Some(all) => format!("{} of {}", bytes(done), bytes(all)),
        None => bytes(done),
    };
    format!("{amount}, {}", rate(bytes_a_second))
}

/// A duration in its two largest units: `12 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`.
pub fn duration(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if days > 0 => two(days, "d", hours % 24, "h"),
        () if hours > 0 => two(hours, "h", minutes % 60, "min"),
        () if minutes > 0 => two(minutes, "min", seconds % 60, "s"),
        () => format!("{seconds} s"),
    }
}

fn two(large: i64, large_unit: &str, small: i64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large} {large_unit}")
    } else {
        format!("{large} {large_unit} {small} {small_unit}")
    }
}

/// A time as seen from now: `just now`, `3 minutes ago`, `in 2 hours`; beyond 60 days the date.
pub fn relative(now: Timestamp, at: Timestamp) -> String {
    let seconds = at.0.saturating_sub(now.0) / 1000;
    let (amount, unit) = match seconds.unsigned_abs() {
        0..45 => return "just now".into(),
        near @ 45..5_400 => ((near + 30) / 60, "minute"),
        near @ 5_400..129_600 => ((near + 1_800) / 3_600, "hour"),
        near @ 129_600..5_184_000 => ((near + 43_200) / 86_400, "day"),
        _ => return at.display().chars().take(10).collect(),
    };
    let plural = if amount == 1 { "" } else { "s" };
    if seconds < 0 {
        format!("{amount} {unit}{plural} ago")
    } else {
        format!("in {amount} {unit}{plural}")
    }
}

/// The time of day of a point in time, `20:05:53 UTC`.
pub fn time_of_day(at: Timestamp) -> String {
    at.display().chars().skip(11).collect()
}

/// A long id with its middle left out: `0004fb000006…b21c44`. Short ones stay.
pub fn short_id(id: &str) -> String {
    let length = id.chars().count();
    if length <= 20 {
        return id.to_owned();
    }
    let head: String = id.chars().take(10).collect();
    let tail: String = id.chars().skip(length - 6).collect();
    format!("{head}…{tail}")
}

/// A number with its noun: `1 disk`, `3 disks`, `6,000 disks`.
pub fn count(number: usize, noun: &str) -> String {
    let stem = noun
        .strip_suffix('y')
        .filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    match (number, stem) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{} {stem}ies", thousands(number)),
        (_, None) => format!("{} {noun}s", thousands(number)),
    }
}

/// A number of people: `nobody`, `one person`, `3 people`.
pub fn people(number: usize) -> String {
    match number {
        0 => "nobody".into(),
        1 => "one person".into(),
        _ => format!("{number} people"),
    }
}

/// A number with its thousands apart: `2,000`.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_binary_units_and_at_most_one_decimal() {
        let cases = [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (1_048_575, "1 MiB"),
            (12 << 30, "12 GiB"),
            (1_288_490_189, "1.2 GiB"),
            (150 << 20, "150 MiB"),
            (1023 << 20, "1023 MiB"),
            (u64::MAX, "16384 PiB"),
        ];
        for (size, text) in cases {
            assert_eq!(bytes(size), text, "{size}");
        }
    }

    #[test]
    fn progress_says_how_much_of_what_and_how_fast() {
        assert_eq!(progress(1 << 30, Some(4 << 30), 210 << 20), "1 GiB of 4 GiB, 210 MiB/s");
        assert_eq!(progress(5, None, 0), "5 bytes, 0 bytes/s");
    }

    #[test]
    fn durations_name_two_units() {
        let cases = [
            (-5, "0 s"),
            (12_400, "12 s"),
            (185_000, "3 min 5 s"),
            (7_800_000, "2 h 10 min"),
            (7_200_000, "2 h"),
            (356_400_000, "4 d 3 h"),
        ];
        for (milliseconds, text) in cases {
            assert_eq!(duration(milliseconds), text);
        }
    }

    #[test]
    fn times_are_relative_until_they_are_far() {
        let now = Timestamp(1_790_000_000_000);
        let cases = [
            (0, "just now"),
            (-44, "just now"),
            (-60, "1 minute ago"),
            (-180, "3 minutes ago"),
            (7_200, "in 2 hours"),
            (-86_400 * 5, "5 days ago"),
            (-86_400 * 100, "2026-06-13"),
        ];
        for (seconds, text) in cases {
            assert_eq!(relative(now, now.plus_seconds(seconds)), text, "{seconds}");
        }
    }

    #[test]
    fn long_ids_lose_their_middle() {
        assert_eq!(short_id("0004fb0000060000b21c44"), "0004fb0000…b21c44");
        assert_eq!(short_id("slot011"), "slot011");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            [7, 200, 2000, 1_234_567].map(thousands),
            ["7", "200", "2,000", "1,234,567"]
        );
    }

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(count(1, "disk"), "1 disk");
        assert_eq!(count(0, "disk"), "0 disks");
        assert_eq!(count(6000, "disk"), "6,000 disks");
        assert_eq!(count(2, "storage repository"), "2 storage repositories");
        assert_eq!(count(2, "policy"), "2 policies");
        assert_eq!(count(2, "key"), "2 keys");
    }
}
