//! One function per reader of bytes from outside: whatever the bytes, it neither panics nor contradicts itself.
//!
//! `cargo xtask fuzz` looks for bytes that break one, guided by coverage. What it ever found lies in `regressions`,
//! a folder per target, and is tried again by an ordinary test, together with the seeds.

mod seeds;
mod targets;

pub use seeds::seeds;

/// A reader of bytes, and a name for it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// How it is called on the command line, and its folder of regressions.
    pub name: &'static str,
    /// Panics if the bytes break it.
    pub check: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "vcard", check: targets::vcard },
    Target { name: "property", check: targets::property },
    Target { name: "csv", check: targets::csv },
    Target { name: "phone", check: targets::phone },
    Target { name: "jscontact", check: targets::jscontact },
    Target { name: "picture", check: targets::picture },
    Target { name: "message", check: targets::message },
    Target { name: "change", check: targets::change },
    Target { name: "entity", check: targets::entity },
    Target { name: "pairing", check: targets::pairing },
    Target { name: "roster", check: targets::roster },
    Target { name: "invitation", check: targets::invitation },
    Target { name: "acceptance", check: targets::acceptance },
    Target { name: "publication", check: targets::publication },
    Target { name: "exchange", check: targets::exchange },
    Target { name: "envelope", check: targets::envelope },
    Target { name: "calls", check: targets::calls },
    Target { name: "mailbox", check: targets::mailbox },
    Target { name: "backup", check: targets::backup },
    Target { name: "frame", check: targets::frame },
    Target { name: "packet", check: targets::packet },
    Target { name: "announcement", check: targets::announcement },
    Target { name: "command", check: targets::command },
    Target { name: "settings", check: targets::settings },
    Target { name: "held", check: targets::held },
];

/// Returns the target of that name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().copied().find(|target| target.name == name)
}
