//! Files of the person's that go along with the backup.
//!
//! They are copied first, so that a file which changes meanwhile is whole in the backup. Links are not followed, and
//! what is no plain file is passed over.

use super::{BackupError, container::header};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// A copy of a file that goes along.
#[derive(Clone, Debug)]
pub(crate) struct Included {
    /// Its name in the archive: `included/` and where it was, as far as that fits.
    pub(crate) name: String,
    /// The copy.
    pub(crate) file: PathBuf,
}

/// Copies what is at these paths into a folder that is there.
pub(crate) fn gather(roots: &[PathBuf], into: &Path) -> Result<Vec<Included>, BackupError> {
    let mut gathering = Gathering { into, found: Vec::new(), bytes: 0 };
    for root in roots {
        let name = root.file_name().map(|name| plain(&name.to_string_lossy())).unwrap_or_default();
        let outcome = gathering.take(root, &format!("{FOLDER}{name}"), 0);
        outcome.map_err(|error| match error {
            BackupError::Io(error) => BackupError::Included(format!("{}: {error}", root.display())),
            other => other,
        })?;
    }
    Ok(gathering.found)
}

struct Gathering<'a> {
    into: &'a Path,
    found: Vec<Included>,
    bytes: u64,
}

impl Gathering<'_> {
    fn take(&mut self, path: &Path, name: &str, depth: usize) -> Result<(), BackupError> {
        let about = fs::symlink_metadata(path)?;
        if about.is_dir() && depth < DEPTH_MAX {
            let mut entries = fs::read_dir(path)?.take(FILES_MAX + 1).collect::<io::Result<Vec<_>>>()?;
            entries.sort_by_key(fs::DirEntry::file_name);
            for entry in entries {
                let inner = plain(&entry.file_name().to_string_lossy());
                self.take(&entry.path(), &format!("{name}/{inner}"), depth + 1)?;
            }
        } else if about.is_file() {
            self.copy(path, name)?;
        }
        Ok(())
    }

    fn copy(&mut self, path: &Path, name: &str) -> Result<(), BackupError> {
        if self.found.len() >= FILES_MAX {
            return Err(BackupError::Included(format!("more than {FILES_MAX} files are to go along: choose fewer")));
        }
        let nth = self.found.len();
        let taken = self.found.iter().any(|found| found.name == name);
        let fits = header(name).is_some() && !taken;
        let name = if fits { name.to_owned() } else { format!("{FOLDER}{nth}-{}", end(name)) };
        let file = self.into.join(nth.to_string());
        let mut from = File::open(path)?.take(BYTES_MAX - self.bytes + 1);
        self.bytes += io::copy(&mut from, &mut File::create_new(&file)?)?;
        if self.bytes > BYTES_MAX {
            let message = format!("more than {} MiB are to go along: choose less", BYTES_MAX >> 20);
            return Err(BackupError::Included(message));
        }
        self.found.push(Included { name, file });
        Ok(())
    }
}

/// The end of a name that is too long for the archive.
fn end(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or_default();
    let mut from = last.len().saturating_sub(NAME_BYTES_MAX);
    while !last.is_char_boundary(from) {
        from += 1;
    }
    last[from..].to_owned()
}

/// Where a file that went along comes to lie under a folder: below it whatever the name says, and under a name that
/// every system takes.
pub(crate) fn safe_path(name: &str) -> PathBuf {
    let parts = name.strip_prefix(FOLDER).unwrap_or(name).split(['/', '\\']).filter(|part| !part.is_empty());
    let path: PathBuf = parts.take(DEPTH_MAX + 1).map(plain).collect();
    if path.as_os_str().is_empty() { PathBuf::from("_") } else { path }
}

/// One part of a path: no separators, no control characters, nothing that Windows keeps for itself.
fn plain(part: &str) -> String {
    let bad = |c: char| {
        c.is_control() || matches!(c, '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' | '\u{202a}'..='\u{202e}')
    };
    let mut name: String = part.chars().map(|c| if bad(c) { '_' } else { c }).collect();
    while name.len() > PART_BYTES_MAX {
        name.pop();
    }
    name.truncate(name.trim_end_matches(['.', ' ']).len());
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let port = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    let reserved = RESERVED.contains(&stem.as_str()) || port.is_some_and(|rest| rest.chars().count() == 1);
    if name.is_empty() || reserved { format!("_{name}") } else { name }
}

const FOLDER: &str = "included/";
/// Most files that go along.
const FILES_MAX: usize = 5_000;
/// Most bytes that go along, together.
const BYTES_MAX: u64 = 1 << 30;
/// Folders within folders.
const DEPTH_MAX: usize = 16;
/// Longest name that is put in the archive for one that does not fit, in bytes.
const NAME_BYTES_MAX: usize = 60;
/// Longest part of a path, in bytes.
const PART_BYTES_MAX: usize = 200;
/// Names that are devices on Windows.
const RESERVED: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Component;

    #[test]
    fn whatever_a_name_says_the_file_lands_below_its_folder() {
        let long = "x".repeat(9_000);
        let hostile = [
            "included/../../etc/passwd",
            "/etc/passwd",
            "..\\..\\x",
            "included//",
            "a/../b",
            "C:\\Windows\\x",
            "NUL",
            "con.txt",
            "COM1",
            "a\0b",
            "\u{202e}fdp.exe",
            ".",
            "..",
            "",
            "included/",
            "a/./b",
            "\\\\server\\share\\x",
            "file.",
            "lpt9.log",
            long.as_str(),
            "\u{7}",
        ];
        for name in hostile {
            let path = safe_path(name);
            assert!(path.components().all(|part| matches!(part, Component::Normal(_))), "{name:?}: {path:?}");
            let text = path.to_str().unwrap();
            assert!(!text.contains(['\0', ':', '\u{202e}']), "{name:?}: {text:?}");
        }
        assert_eq!(safe_path("included/letters/to mum.txt"), Path::new("letters/to mum.txt"));
        assert_eq!(safe_path("NUL"), Path::new("_NUL"));
    }

    #[test]
    fn folders_go_along_whole_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("notes");
        fs::create_dir_all(root.join("deep")).unwrap();
        fs::write(root.join("deep/a.txt"), b"a").unwrap();
        fs::write(root.join("b.txt"), b"b").unwrap();
        let long = "n".repeat(180);
        fs::write(root.join(&long), b"long").unwrap();
        fs::write(folder.path().join("secret"), b"s").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path().join("secret"), root.join("link")).unwrap();
        let into = folder.path().join("into");
        fs::create_dir(&into).unwrap();
        let found = gather(&[root, folder.path().join("secret")], &into).unwrap();
        let names: Vec<&str> = found.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names.len(), 4, "{names:?}");
        assert_eq!(
            [names[0], names[1], names[3]],
            ["included/notes/b.txt", "included/notes/deep/a.txt", "included/secret"]
        );
        assert!(names.iter().all(|name| header(name).is_some()));
        assert_eq!(fs::read(&found[2].file).unwrap(), b"long");
        let gone = gather(&[folder.path().join("gone")], &into);
        assert!(matches!(gone, Err(BackupError::Included(why)) if why.contains("gone")));
    }
}
