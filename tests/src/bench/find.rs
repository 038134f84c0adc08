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
    fmt, fs,
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
    let list = ContactsList { limit: Some(PAGE), ..ContactsList::default() };
    let far = count.saturating_sub(PAGE as usize) as u32;
    let mut kinds: Vec<(&str, Vec<Question>)> = Vec::new();
    for Kind { name, typed } in KINDS {
        let asked = |typed: &&'static str| (ContactsList { find: Some((*typed).to_owned()), ..list.clone() }, *typed);
        kinds.push((name, typed.iter().map(asked).collect()));
    }
    for (name, group, offset) in [
        ("page at the start", None, 0),
        ("page in the middle", None, count as u32 / 2),
        ("page at the end", None, far),
        ("page of a group of half", Some(&group), 0),
        ("far page of that group", Some(&group), far / 2),
    ] {
        let page = ContactsList { group: group.cloned(), offset, ..list.clone() };
        kinds.push((name, vec![(page, BESIDE_PAGES); 4]));
    }
    let (mut worst, mut worst_of_all) = (Duration::ZERO, Duration::ZERO);
    for (name, questions) in &kinds {
        let mut blocks = Vec::with_capacity(BLOCKS);
        for _ in 0..BLOCKS {
            blocks.push(Block::of(&hub, &bare, questions).await?);
        }
        blocks.sort_by_key(|block| block.hub.quantile(0.99));
        let (Some(middle), Some(last)) = (blocks.get(BLOCKS / 2), blocks.last()) else { continue };
        worst = worst.max(middle.hub.quantile(0.99));
        worst_of_all = worst_of_all.max(last.hub.quantile(0.99));
        println!("    {name:<26} {middle}");
    }
    println!("    load {}; the worst p99 of all blocks {}", load(), ms(worst_of_all));
    goal("the worst p99 of all kinds", worst.as_secs_f64() * 1e3, 2.0, " ms");
    hub.stop().await;
    println!("    resident at the end: {} MB", figure("/proc/self/status", "VmRSS:")? / 1_000_000);
    Ok(())
}

/// A question to the hub, and what the bare index is asked beside it.
type Question = (ContactsList, &'static str);

/// Questions of one kind, asked in turn. Of several blocks the middle one by its p99 counts, so that what else happens on
/// the machine for a while is not taken for the hub's doing.
#[derive(Default)]
struct Block {
    hub: Times,
    bare: Times,
    least: u32,
    most: u32,
    /// What took longest in the middle.
    slowest: (Duration, String),
}

impl Block {
    async fn of(hub: &Hub, bare: &rusqlite::Connection, questions: &[Question]) -> Result<Self> {
        let mut block = Self { least: u32::MAX, ..Self::default() };
        let mut each = vec![Times::default(); questions.len()];
        for _ in 0..ROUNDS {
            for ((request, typed), each) in questions.iter().zip(&mut each) {
                let (took, total) = ask(hub, request.clone()).await?;
                block.hub.push(took);
                each.push(took);
                block.bare.push(bare_index(bare, typed)?);
                (block.least, block.most) = (block.least.min(total), block.most.max(total));
            }
        }
        let slowest = questions.iter().zip(&each).max_by_key(|(_, times)| times.median());
        if let Some(((request, _), times)) = slowest {
            block.slowest = (times.median(), request.find.clone().unwrap_or_default());
        }
        Ok(block)
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let three = |times: &Times| [0.5, 0.95, 0.99].map(|share| ms(times.quantile(share)));
        let [p50, p95, p99] = three(&self.hub);
        let [bare_p50, _, bare_p99] = three(&self.bare);
        let (least, most) = (grouped(self.least as usize), grouped(self.most as usize));
        write!(f, "p50 {p50}, p95 {p95}, p99 {p99}; {least} to {most} found; ")?;
        if !self.slowest.1.is_empty() {
            write!(f, "slowest \u{201c}{}\u{201d}, p50 {}; ", self.slowest.1, ms(self.slowest.0))?;
        }
        write!(f, "bare index p50 {bare_p50}, p99 {bare_p99}")
    }
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
/// How often each query is asked in a block.
const ROUNDS: usize = 25;
/// Blocks of each kind.
const BLOCKS: usize = 11;
/// What the bare index is asked beside pages of the list.
const BESIDE_PAGES: &str = "an";
/// Contacts looked at for the group at a time.
const GROUP_STEP: u32 = 500;
/// Ticks in half a second below which the process rests.
const IDLE_TICKS: u64 = 5;
