//! The backups in a folder: their names, and which have outlived their time.
//!
//! A name carries time and device, so that several devices may share a folder. Nothing here deletes anything.

use kith_core::id::DeviceId;
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// A backup in a folder, as far as its name and length tell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Generation {
    /// When it was made, in milliseconds since 1970, by its device's clock.
    pub(crate) time: i64,
    /// Names it: its file without `kith-` and `.age`.
    pub(crate) id: String,
    pub(crate) bytes: u64,
}

impl Generation {
    /// Reads a file's name; `None` if it is no backup's.
    fn of(name: &str, bytes: u64) -> Option<Self> {
        let id = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
        let (time, device) = id.split_once('-')?;
        let plain = device.len() == DEVICE_CHARS && device.bytes().all(|byte| byte.is_ascii_hexdigit());
        let time = jiff::civil::DateTime::strptime(TIME, time).ok().filter(|_| plain)?;
        let time = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond();
        Some(Self { time, id: id.to_owned(), bytes })
    }

    /// What its file is called.
    pub(crate) fn file_name(&self) -> String {
        file_of(&self.id)
    }
}

/// What the file of a backup with this id is called.
pub(crate) fn file_of(id: &str) -> String {
    format!("{PREFIX}{id}{SUFFIX}")
}

/// What the backup that a device makes at a time is called: id and file name.
pub(crate) fn file_name(time: i64, device: DeviceId) -> (String, String) {
    let at = jiff::Timestamp::from_millisecond(time).unwrap_or_default().strftime(TIME).to_string();
    let id = format!("{at}-{}", &device.to_string()[..DEVICE_CHARS]);
    (id.clone(), file_of(&id))
}

/// The backups in a folder, newest first. Other files are not looked at.
pub(crate) fn list(folder: &Path) -> io::Result<Vec<Generation>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)?.take(ENTRIES_MAX) {
        let entry = entry?;
        let name = entry.file_name();
        let Some(generation) = name.to_str().and_then(|name| Generation::of(name, 0)) else { continue };
        let about = entry.metadata()?;
        if about.is_file() {
            found.push(Generation { bytes: about.len(), ..generation });
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    Ok(found)
}

/// What a device was writing when it was cut off: never a backup, and nobody else's.
pub(crate) fn leftovers(folder: &Path, device: DeviceId) -> io::Result<Vec<PathBuf>> {
    let device = format!("-{}{SUFFIX}.", &device.to_string()[..DEVICE_CHARS]);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)?.take(ENTRIES_MAX) {
        let name = entry?.file_name();
        let is_ours = |name: &str| name.starts_with(PREFIX) && name.contains(&device) && name.ends_with(UNFINISHED);
        if name.to_str().is_some_and(is_ours) {
            found.push(folder.join(name));
        }
    }
    Ok(found)
}

/// Which of one device's backups, given by their times, may go: all but those of the last seven days, the newest of
/// each of the last five weeks and of each of the last twelve months that have one. Days, weeks and months are counted
/// by the backups that there are, not by the clock: a clock that jumps, or a year without a backup, deletes nothing.
pub(crate) fn outlived(times: &[i64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by_key(|&nth| std::cmp::Reverse((times[nth], nth)));
    let (mut days, mut weeks, mut months) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut gone = Vec::new();
    for nth in order {
        let at = jiff::Timestamp::from_millisecond(times[nth]).unwrap_or_default();
        let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let week = date.iso_week_date();
        let of_day = days.contains(&date) || days.len() < DAYS_KEPT;
        // Each takes its place in its week and month, whether that is what keeps it or not.
        days.insert(date);
        let of_week = weeks.insert((week.year(), week.week())) && weeks.len() <= WEEKS_KEPT;
        let of_month = months.insert((date.year(), date.month())) && months.len() <= MONTHS_KEPT;
        if !(of_day || of_week || of_month) {
            gone.push(nth);
        }
    }
    gone
}

const PREFIX: &str = "kith-";
const SUFFIX: &str = ".age";
/// How files end that are written whole or not at all, until they are whole.
const UNFINISHED: &str = ".new";
/// How a name tells the time, in UTC.
const TIME: &str = "%Y%m%dT%H%M%SZ";
/// Digits of the device's id in a name.
const DEVICE_CHARS: usize = 8;
/// Files of a folder that are looked at.
const ENTRIES_MAX: usize = 20_000;
const DAYS_KEPT: usize = 7;
const WEEKS_KEPT: usize = 5;
const MONTHS_KEPT: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 3600 * 1000;
    /// Friday, 2026-11-20, 08:00 UTC.
    const FRIDAY: i64 = 1_795_161_600_000;

    #[test]
    fn a_name_tells_time_and_device_and_nothing_else_is_taken_for_a_backup() {
        let (id, name) = file_name(FRIDAY, DeviceId([0x1a; 16]));
        assert_eq!((id.as_str(), name.as_str()), ("20261120T080000Z-1a1a1a1a", "kith-20261120T080000Z-1a1a1a1a.age"));
        let read = Generation::of(&name, 5).unwrap();
        assert_eq!((read.time, read.bytes, read.file_name()), (FRIDAY, 5, name));
        for other in ["kith-.age", "kith-20261120T080000Z.age", "kith-20261120T080000Z-1a1a1a1.age", "letter.age", ""] {
            assert_eq!(Generation::of(other, 0), None, "{other}");
        }
    }

    #[test]
    fn only_what_this_device_left_unfinished_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let own = "kith-20261120T080000Z-1a1a1a1a.age.77.new";
        let others = ["kith-20261120T080000Z-1a1a1a1a.age", "kith-20261120T080000Z-2b2b2b2b.age.77.new", "mine.new"];
        for name in others.iter().chain(&[own]) {
            fs::write(folder.path().join(name), b"x").unwrap();
        }
        let found = leftovers(folder.path(), DeviceId([0x1a; 16])).unwrap();
        assert_eq!(found, [folder.path().join(own)]);
    }

    /// What is kept when a backup is made every day and what has outlived its time goes each time.
    fn daily(days: i64) -> Vec<i64> {
        let mut kept: Vec<i64> = Vec::new();
        for day in 0..days {
            kept.push(FRIDAY + day * DAY);
            for nth in outlived(&kept) {
                kept[nth] = i64::MIN;
            }
            kept.retain(|&time| time != i64::MIN);
        }
        kept.into_iter().map(|time| (FRIDAY + (days - 1) * DAY - time) / DAY).rev().collect()
    }

    #[test]
    fn seven_days_five_weeks_and_twelve_months_are_kept() {
        let ages = daily(800);
        assert_eq!(ages[..7], [0, 1, 2, 3, 4, 5, 6]);
        assert!((17..=22).contains(&ages.len()), "{ages:?}");
        let months = ages.iter().filter(|&&age| age > 35).count();
        assert!((10..=12).contains(&months) && *ages.last().unwrap() > 300, "{ages:?}");
        assert_eq!(daily(7).len(), 7);
    }

    #[test]
    fn many_on_one_day_stay_and_the_newest_always_does() {
        let today: Vec<i64> = (0..90).map(|hour| FRIDAY + hour * 1000).collect();
        assert!(outlived(&today).is_empty());
        assert!(outlived(&[]).is_empty());
        for length in 1..200 {
            let times: Vec<i64> = (0..length).map(|nth| FRIDAY + nth * DAY).collect();
            assert!(!outlived(&times).contains(&(length as usize - 1)));
        }
    }

    #[test]
    fn a_clock_that_jumps_and_years_without_a_backup_delete_no_more_than_a_day_does() {
        let mut times: Vec<i64> = (0..7).map(|nth| FRIDAY + nth * DAY).collect();
        times.push(FRIDAY + 3_650 * DAY);
        assert!(outlived(&times).len() <= 1, "ten years on, no more goes than on any other day");
        times.push(FRIDAY + 7 * DAY);
        assert!(outlived(&times).len() <= 2, "and back");
        let years: Vec<i64> = (0..10).map(|nth| FRIDAY + nth * 400 * DAY).collect();
        assert!(outlived(&years).is_empty());
    }
}
