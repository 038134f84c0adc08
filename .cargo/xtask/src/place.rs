//! Where things are: the checkout, the cache, and what cargo built.

use std::{
    env,
    path::{Path, PathBuf},
};

/// Returns the top of the checkout.
pub(crate) fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    package.ancestors().nth(2).map_or_else(|| ".".into(), Path::to_path_buf)
}

/// Returns the window's package.
pub(crate) fn ui() -> PathBuf {
    root().join("ui")
}

/// Returns where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR")
        .and_then(|path| std::path::absolute(path).ok())
        .unwrap_or_else(|| root().join("target"))
}

/// Returns a program that cargo built in the dev profile.
pub(crate) fn built(name: &str) -> PathBuf {
    target().join("debug").join(name).with_extension(env::consts::EXE_EXTENSION)
}

/// Returns a program that cargo built in the profile that is released.
pub(crate) fn released(name: &str) -> PathBuf {
    target().join("release").join(name).with_extension(env::consts::EXE_EXTENSION)
}

/// Returns where tools are kept between runs and between checkouts.
pub(crate) fn cache() -> PathBuf {
    let from = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    from("KITH_CACHE")
        .or_else(|| from("XDG_CACHE_HOME").map(|path| path.join("kith")))
        .or_else(|| from("LOCALAPPDATA").map(|path| path.join("kith")))
        .or_else(|| from("HOME").map(|path| path.join(".cache/kith")))
        .unwrap_or_else(target)
}

/// Returns the first program of that name on the PATH.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let names = [program.to_owned(), format!("{program}.exe"), format!("{program}.cmd")];
    let names = if cfg!(windows) { &names[1..] } else { &names[..1] };
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|path| path.is_file())
}
