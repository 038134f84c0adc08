//! What reaches the hub itself: frames, packets of mDNS, commands over the control socket; and what it keeps.

use kith_core::{
    entity::Entity,
    settings::{Setting, Settings},
};
use kith_hub::api::Command;

/// A frame.
pub(crate) fn frame(bytes: &[u8]) {
    kith_hub::fuzz::fuzz_frame(bytes);
}

/// A packet of mDNS, as the library that hears it reads it; without questions: one of an unknown kind is skipped, which the
/// library's own check takes for a fault. What questions are made of, names, is in records, too.
pub(crate) fn packet(bytes: &[u8]) {
    let mut packet = bytes.to_vec();
    if let Some(questions) = packet.get_mut(4..6) {
        questions.fill(0);
    }
    mdns_sd::fuzz_api::parse_packet(&packet);
}

/// The name and TXT of an instance.
pub(crate) fn announcement(bytes: &[u8]) {
    kith_hub::fuzz::fuzz_announcement(bytes);
}

/// A line of the control socket: a command that was read says the same after it was written.
pub(crate) fn command(bytes: &[u8]) {
    let Ok(command) = serde_json::from_slice::<Command>(bytes) else { return };
    let written = serde_json::to_string(&command).expect("a command is JSON");
    let again: Command = serde_json::from_str(&written).expect("own JSON");
    assert_eq!(serde_json::to_string(&again).expect("a command is JSON"), written);
}

/// A value of a setting, and settings as another device wrote them: what comes out may be set.
pub(crate) fn settings(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        for setting in [Setting::Region, Setting::SortLocale, Setting::SortBy] {
            if let Ok(edit) = setting.set(text) {
                assert_eq!(edit.path, setting.path());
            }
        }
    }
    let Ok(entity) = Entity::decode(bytes) else { return };
    let settings = Settings::of(&entity);
    for (setting, value) in [
        (Setting::Region, &settings.region),
        (Setting::SortLocale, &settings.sort_locale),
        (Setting::SortBy, &settings.sort_by),
    ] {
        setting.set(value).expect("what was read may be set");
    }
}

/// A backup, as it comes out of its seal.
pub(crate) fn backup(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    kith_hub::fuzz::fuzz_archive(bytes, folder.path());
}

/// A deletion that waits, as it lies on the disk.
pub(crate) fn held(bytes: &[u8]) {
    kith_hub::fuzz::fuzz_held(bytes);
}
