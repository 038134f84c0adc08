//! P12: importing and exporting a whole address book, by a hub in a process of its own.

use super::{
    Result, find,
    hubs::Process,
    people,
    report::{Times, goal, grouped, load, ms},
    world::free_address,
};
use kith_core::vcard::parse;
use kith_hub::{
    Hub, HubOptions,
    api::{Export, Import, ImportFile, Init},
};
use std::{fs, path::PathBuf, time::Instant};

/// Measures, each run in a new folder, alternating with parsing alone.
pub(super) async fn measure(count: usize, runs: usize) -> Result {
    let text = people::vcards(count);
    let (mut imports, mut exports, mut parses) = (Times::default(), Times::default(), Times::default());
    let mut peak = 0;
    for _ in 0..runs {
        let folder = tempfile::tempdir()?;
        let (file, written) = (folder.path().join("people.vcf"), folder.path().join("written.vcf"));
        fs::write(&file, &text)?;
        let begun = Instant::now();
        let cards = parse(&fs::read_to_string(&file)?).cards.len();
        parses.push(begun.elapsed());
        let hub = start(folder.path().join("data")).await?;
        let file = ImportFile { name: file.to_string_lossy().into_owned(), ..ImportFile::default() };
        let begun = Instant::now();
        let imported = hub.ask(Import { files: vec![file], dry_run: false }).await?.added as usize;
        imports.push(begun.elapsed());
        let path = Some(written.to_string_lossy().into_owned());
        let begun = Instant::now();
        let exported = hub.ask(Export { path, ..Export::default() }).await?.contacts as usize;
        exports.push(begun.elapsed());
        if (cards, imported, exported) != (count, count, count) {
            return Err(format!("{cards} cards, {imported} imported, {exported} exported instead of {count}").into());
        }
        peak = peak.max(find::figure(&format!("/proc/{}/status", hub.id()), "VmHWM:")?);
        hub.stop().await?;
    }
    println!("P12 import and export of {} vCards, {:.1} MB", grouped(count), text.len() as f64 / 1e6);
    println!("    import: {imports}");
    println!("    export: {exports}");
    println!("    floor, parse alone: {parses}; load {}", load());
    let floor = parses.median().as_secs_f64();
    goal("import / floor", imports.median().as_secs_f64() / floor, 3.0, " x");
    goal("export / floor", exports.median().as_secs_f64() / floor, 3.0, " x");
    goal("peak memory of the hub", peak as f64 / 1e6, 200.0, " MB");
    println!("    {} a contact imported", ms(imports.median() / u32::try_from(count.max(1))?));
    Ok(())
}

/// A hub of one person, alone.
async fn start(folder: PathBuf) -> Result<Process> {
    let hub = Hub::start(HubOptions { folder: folder.clone(), offline: true, ..HubOptions::default() }).await?;
    hub.ask(Init { name: "First".into(), person: Some("Bench".into()) }).await?;
    hub.stop().await;
    Process::run(&folder, free_address()?)
}
