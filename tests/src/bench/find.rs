//! P10: finding and browsing in a large book.

use super::{
    Result, people,
    report::{Times, goal, grouped, load, ms},
};
use kith_hub::{
    Hub, HubOptions,
    api::{ContactsList, GroupKind, GroupsAdd, GroupsPut, Import, ImportFile, Init},
};
use std::{
    fs,
    time::{Duration, Instant},
};

/// A kind of query, with what is typed and what the bare index is asked for the same.
struct Kind {
    name: &'static str,
    typed: &'static [&'static str],
}

/// Fills a book, and measures the hub's answers, alternating with the bare index on the same file.
pub(super) async fn measure(count: usize) -> Result {
    let folder = tempfile::tempdir()?;
    let options = HubOptions { folder: folder.path().join("data"), offline: true, ..HubOptions::default() };
    let hub = Hub::start(options).await?;
    hub.ask(Init { name: "First".into(), person: Some("Bench".into()) }).await?;
    let vcf = folder.path().join("people.vcf");
    fs::write(&vcf, people::vcards(count))?;
    let file = ImportFile { name: vcf.to_string_lossy().into_owned(), ..ImportFile::default() };
    let begun = Instant::now();
    let imported = hub.ask(Import { files: vec![file], dry_run: false }).await?;
    println!("P10 find and browse, {} contacts (imported in {})", grouped(count), ms(begun.elapsed()));
    if imported.added as usize != count {
        return Err(format!("{} of {count} contacts were imported", imported.added).into());
    }
    let group = fill_group(&hub).await?;
    let first = ask(&hub, ContactsList { limit: Some(PAGE), ..ContactsList::default() }).await?.0;
    println!("    the first page after so much has changed: {}", ms(first));
    warmed(&hub).await?;
    let bare = rusqlite::Connection::open(folder.path().join("data/book.db"))?;
    let mut worst = Duration::ZERO;
    for kind in &KINDS {
        let (mut hub_times, mut bare_times, mut totals) = (Times::default(), Times::default(), Vec::new());
        for round in 0..ROUNDS {
            for typed in kind.typed {
                let request =
                    ContactsList { find: Some((*typed).to_owned()), limit: Some(PAGE), ..ContactsList::default() };
                let (took, total) = ask(&hub, request).await?;
                hub_times.push(took);
                bare_times.push(bare_index(&bare, typed)?);
                if round == 0 {
                    totals.push(total);
                }
            }
        }
        worst = worst.max(hub_times.quantile(0.99));
        show(kind.name, &hub_times, Some(&bare_times), &totals);
    }
    let far = count.saturating_sub(PAGE as usize) as u32;
    for (name, group, offset) in [
        ("page at the start", None, 0),
        ("page in the middle", None, count as u32 / 2),
        ("page at the end", None, far),
        ("page of a group of half", Some(&group), 0),
        ("far page of that group", Some(&group), far / 2),
    ] {
        let mut times = Times::default();
        let mut totals = Vec::new();
        for _ in 0..ROUNDS * 4 {
            let request = ContactsList { group: group.cloned(), limit: Some(PAGE), offset, ..ContactsList::default() };
            let (took, total) = ask(&hub, request).await?;
            times.push(took);
            totals = vec![total];
        }
        worst = worst.max(times.quantile(0.99));
        show(name, &times, None, &totals);
    }
    println!("    load {}", load());
    goal("the worst p99 of all kinds", worst.as_secs_f64() * 1e3, 2.0, " ms");
    hub.stop().await;
    println!("    resident at the end: {} MB", figure("/proc/self/status", "VmRSS:")? / 1_000_000);
    Ok(())
}

fn show(name: &str, hub: &Times, bare: Option<&Times>, totals: &[u32]) {
    let (least, most) = (totals.iter().min().copied().unwrap_or(0), totals.iter().max().copied().unwrap_or(0));
    let floor = bare.map(|bare| format!("; bare index p50 {}, p99 {}", ms(bare.median()), ms(bare.quantile(0.99))));
    println!(
        "    {name:<26} p50 {}, p95 {}, p99 {}; {} to {} found{}",
        ms(hub.median()),
        ms(hub.quantile(0.95)),
        ms(hub.quantile(0.99)),
        grouped(least as usize),
        grouped(most as usize),
        floor.unwrap_or_default()
    );
}

async fn ask(hub: &Hub, request: ContactsList) -> Result<(Duration, u32)> {
    let begun = Instant::now();
    let page = hub.ask(request).await?;
    Ok((begun.elapsed(), page.total))
}

/// Puts half of the contacts into a group; returns its name.
async fn fill_group(hub: &Hub) -> Result<String> {
    let name = "Half".to_owned();
    hub.ask(GroupsAdd { kind: GroupKind::Group, name: name.clone() }).await?;
    let all = hub.ask(ContactsList { limit: Some(1), ..ContactsList::default() }).await?.total;
    let mut offset = 0;
    while offset < all {
        let request = ContactsList { limit: Some(GROUP_STEP), offset, ..ContactsList::default() };
        let page = hub.ask(request).await?;
        let ids = page.contacts.into_iter().step_by(2).map(|contact| contact.id).collect();
        hub.ask(GroupsPut { kind: GroupKind::Group, group: name.clone(), ids }).await?;
        offset += GROUP_STEP;
    }
    Ok(name)
}

/// Waits until the hub has looked for what is broad: until a minute's work is done or one core rests.
async fn warmed(hub: &Hub) -> Result {
    let begun = Instant::now();
    let mut before = busy_ticks()?;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = busy_ticks()?;
        if now - before < IDLE_TICKS || begun.elapsed() > Duration::from_secs(60) {
            break;
        }
        before = now;
    }
    println!("    what is broad was looked for in about {}", ms(begun.elapsed()));
    ask(hub, ContactsList::default()).await.map(drop)
}

/// What the same question costs without a hub: the first hits of the index, in its order, neither counted nor ranked.
fn bare_index(bare: &rusqlite::Connection, typed: &str) -> Result<Duration> {
    let tokens = kith_core::contact::query_tokens(typed);
    let matching = kith_core::contact::match_expression(&tokens).unwrap_or_default();
    let begun = Instant::now();
    let mut statement = bare.prepare_cached("SELECT rowid FROM contact_words WHERE contact_words MATCH ?1 LIMIT 50")?;
    let rows: Vec<i64> = statement.query_map([matching], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
    std::hint::black_box(rows);
    Ok(begun.elapsed())
}

/// Processor time that this process has used, in ticks of a hundredth of a second.
fn busy_ticks() -> Result<u64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    Ok(fields[11].parse::<u64>()? + fields[12].parse::<u64>()?)
}

/// A figure of a process's status file, in bytes.
pub(super) fn figure(status: &str, name: &str) -> Result<u64> {
    let text = fs::read_to_string(status)?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such figure")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

/// What people type, letter by letter where it counts.
const KINDS: [Kind; 11] = [
    Kind { name: "one letter", typed: &["a", "b", "e", "j", "m", "o", "s", "t", "w", "z", "x", "q"] },
    Kind { name: "two letters", typed: &["an", "be", "ca", "ex", "ma", "mu", "sm", "st", "wi", "zi", "ro", "ch"] },
    Kind {
        name: "part of a name",
        typed: &["ann", "anna", "christ", "muel", "mull", "soren", "lodz", "smith-j", "ohara"],
    },
    Kind { name: "several words", typed: &["anna smith", "a b", "ja ro leeds", "gmbh koln", "e s", "smith example"] },
    Kind {
        name: "shared words",
        typed: &["exa", "exampl", "example", "street", "gmbh", "mail.example", "hauptstraße"],
    },
    Kind { name: "one Chinese character", typed: &["王", "李", "明", "海", "伟", "田"] },
    Kind { name: "two Chinese characters", typed: &["小明", "上海", "王芳", "欧阳", "山田"] },
    Kind { name: "pinyin", typed: &["wang", "zxm", "ouyang", "wangf", "lw", "zhangw"] },
    Kind {
        name: "kana, Hangul, Cyrillic", typed: &["さく", "タロウ", "ㄱㅁ", "김", "юл", "чайк", "πα"]
    },
    Kind { name: "digits of a number", typed: &["4", "49", "+44", "4491", "0176", "0123", "99", "5550", "+49 176 12"] },
    Kind { name: "dates and notes", typed: &["12 april", "1990", "chess", "plays chess krak", "boat malmo"] },
];
/// Contacts on a page.
const PAGE: u32 = 50;
/// How often each query is asked.
const ROUNDS: usize = 25;
/// Contacts looked at for the group at a time.
const GROUP_STEP: u32 = 500;
/// Ticks in half a second below which the process rests.
const IDLE_TICKS: u64 = 5;
