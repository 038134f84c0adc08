//! Debian and Ubuntu, Fedora, Arch: what is needed, how to tell that it is missing, and what the package is called.

use super::Purpose;
use crate::{
    Result,
    command::{self, command},
    place,
};
use std::{path::Path, process::Command};

/// One thing that the system has to provide.
struct Need {
    purpose: Purpose,
    probe: Probe,
    /// What for, to say before installing it.
    why: &'static str,
    /// The package, by package manager, in the order of [`MANAGERS`].
    packages: [&'static str; 3],
}

/// How to tell whether it is there.
enum Probe {
    /// A program on the PATH.
    Program(&'static str),
    /// A library that pkg-config knows.
    Library(&'static str),
    /// A font that shows this language, as fontconfig names it.
    Font(&'static str),
    /// A service that the session bus can start.
    Service(&'static str),
}

/// Installs every missing package with the system's package manager, with sudo where needed.
pub(super) fn install(purpose: Purpose) -> Result {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| need.purpose <= purpose && !need.probe.is_there()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let manager = MANAGERS.iter().position(|manager| place::on_path(manager.program).is_some());
    let Some((index, manager)) = manager.map(|index| (index, &MANAGERS[index])) else {
        let names: Vec<_> = missing.iter().map(|need| need.packages[0]).collect();
        return Err(
            format!("no package manager is known here; these Debian packages are needed: {}", names.join(" ")).into()
        );
    };
    eprintln!("Installing with {}:", manager.program);
    for need in &missing {
        eprintln!("  {:28} {}", need.packages[index], need.why);
    }
    let packages = missing.iter().map(|need| need.packages[index]);
    for words in manager.before {
        command::run(as_root(manager.program).args(*words))?;
    }
    command::run(
        as_root(manager.program).args(manager.install).args(packages).env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    match missing.iter().find(|need| !need.probe.is_there()) {
        Some(need) => {
            Err(format!("{} is installed, but not what it was for: {}", need.packages[index], need.why).into())
        }
        None => Ok(()),
    }
}

impl Probe {
    fn is_there(&self) -> bool {
        match self {
            Self::Program(name) => place::on_path(name).is_some(),
            Self::Library(name) => command::ask(&mut command("pkg-config", ["--exists", name])).is_some(),
            Self::Font(language) => command::ask(&mut command("fc-list", [&format!(":lang={language}")]))
                .is_some_and(|fonts| !fonts.is_empty()),
            Self::Service(name) => Path::new("/usr/share/dbus-1/services").join(format!("{name}.service")).exists(),
        }
    }
}

/// Returns the program, run by root: directly, or with sudo.
fn as_root(program: &str) -> Command {
    let root = command::ask(&mut command("id", ["-u"])).is_some_and(|id| id == "0");
    if root { command(program, []) } else { command("sudo", ["--preserve-env=DEBIAN_FRONTEND", program]) }
}

struct Manager {
    program: &'static str,
    /// What to run first, one list of words each.
    before: &'static [&'static [&'static str]],
    install: &'static [&'static str],
}

const MANAGERS: [Manager; 3] = [
    Manager {
        program: "apt-get",
        before: &[&["update", "-q"]],
        install: &["install", "-q", "-y", "--no-install-recommends"],
    },
    Manager { program: "dnf", before: &[], install: &["install", "-y"] },
    Manager { program: "pacman", before: &[], install: &["-Sy", "--needed", "--noconfirm"] },
];

const fn need(purpose: Purpose, probe: Probe, why: &'static str, packages: [&'static str; 3]) -> Need {
    Need { purpose, probe, why, packages }
}

#[rustfmt::skip]
const NEEDS: &[Need] = {
    use {Probe::{Font, Library, Program, Service}, Purpose::{App, Screen, Tests}};
    &[
        need(App, Program("cc"), "the C compiler, for SQLite and the linker", ["build-essential", "gcc", "base-devel"]),
        need(App, Program("pkg-config"), "finds the libraries below", ["pkg-config", "pkgconf-pkg-config", "pkgconf"]),
        need(App, Library("webkit2gtk-4.1"), "shows the window's page", ["libwebkit2gtk-4.1-dev", "webkit2gtk4.1-devel", "webkit2gtk-4.1"]),
        need(App, Library("ayatana-appindicator3-0.1"), "the tray icon", ["libayatana-appindicator3-dev", "libayatana-appindicator-gtk3-devel", "libayatana-appindicator"]),
        need(App, Library("librsvg-2.0"), "icons", ["librsvg2-dev", "librsvg2-devel", "librsvg"]),
        need(App, Library("dbus-1"), "the session bus", ["libdbus-1-dev", "dbus-devel", "dbus"]),
        need(App, Program("npm"), "builds the window's page", ["npm", "nodejs-npm", "npm"]),
        need(Screen, Program("xvfb-run"), "a display for machines without one", ["xvfb", "xorg-x11-server-Xvfb", "xorg-server-xvfb"]),
        need(Screen, Program("xauth"), "lets programs onto that display", ["xauth", "xorg-x11-xauth", "xorg-xauth"]),
        need(Screen, Program("dbus-run-session"), "a session bus for that display", ["dbus", "dbus-daemon", "dbus"]),
        need(Screen, Program("xdotool"), "finds the window", ["xdotool", "xdotool", "xdotool"]),
        need(Screen, Program("import"), "takes pictures of it", ["imagemagick", "ImageMagick", "imagemagick"]),
        need(Tests, Program("WebKitWebDriver"), "drives the window", ["webkit2gtk-driver", "/usr/bin/WebKitWebDriver", "webkitgtk-6.0"]),
        need(Tests, Program("ip"), "separates devices into networks of their own", ["iproute2", "iproute", "iproute2"]),
        need(Tests, Program("strace"), "counts how often a hub waits for the disk", ["strace", "strace", "strace"]),
        need(Tests, Program("setpriv"), "runs programs as another user", ["util-linux", "util-linux", "util-linux"]),
        need(Tests, Program("gnome-keyring-daemon"), "a key store, for stories about keys", ["gnome-keyring", "gnome-keyring", "gnome-keyring"]),
        need(Tests, Program("dbus-send"), "asks whether it is there", ["dbus-bin", "dbus-tools", "dbus"]),
        need(Tests, Service("org.a11y.Bus"), "what screen readers are told", ["at-spi2-core", "at-spi2-core", "at-spi2-core"]),
        need(Tests, Program("age"), "opens backups without Kith", ["age", "age", "age"]),
        need(Tests, Program("fc-list"), "lists fonts", ["fontconfig", "fontconfig", "fontconfig"]),
        need(Tests, Font("en"), "Latin text in pictures of the window", ["fonts-dejavu-core", "dejavu-sans-fonts", "ttf-dejavu"]),
        need(Tests, Font("zh"), "Chinese, Japanese and Korean names", ["fonts-noto-cjk", "google-noto-sans-cjk-fonts", "noto-fonts-cjk"]),
        need(Tests, Font("und-zsye"), "emoji in names", ["fonts-noto-color-emoji", "google-noto-color-emoji-fonts", "noto-fonts-emoji"]),
    ]
};
