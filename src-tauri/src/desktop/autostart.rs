//! Linux: the entry that starts the app at login (Desktop Application Autostart Specification 0.5).

use std::{env, fs, io, path::PathBuf};

/// The entry of this folder's app.
#[derive(Debug)]
pub(crate) struct Login {
    file: Option<PathBuf>,
    entry: Option<String>,
}

impl Login {
    /// The entry that would start this program with these words.
    pub(crate) fn new(words: &[String]) -> Self {
        let var = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let config = var("XDG_CONFIG_HOME").or_else(|| var("HOME").map(|home| home.join(".config")));
        // An AppImage is unpacked anew at each start; the variable names the file itself.
        let program = var("APPIMAGE").or_else(|| env::current_exe().ok());
        let entry = program.and_then(|program| Some(entry(program.to_str()?, words)));
        Self { file: config.map(|config| config.join("autostart").join(NAME)), entry }
    }

    /// Whether the app starts at login, on this folder.
    pub(crate) fn is_on(&self) -> bool {
        let there = self.file.as_ref().and_then(|file| fs::read_to_string(file).ok());
        there.is_some() && there == self.entry
    }

    /// Writes the entry, or removes it.
    pub(crate) fn set(&self, on: bool) -> io::Result<()> {
        let (Some(file), Some(entry)) = (&self.file, &self.entry) else { return Err(io::ErrorKind::NotFound.into()) };
        if !on {
            return fs::remove_file(file);
        }
        fs::create_dir_all(file.parent().unwrap_or(file))?;
        fs::write(file, entry)
    }
}

fn entry(program: &str, words: &[String]) -> String {
    let exec: Vec<String> = [program].into_iter().chain(words.iter().map(String::as_str)).map(quoted).collect();
    format!(
        "[Desktop Entry]\nType=Application\nName=Kith\nComment=Keeps your devices in step\nExec={}\nTerminal=false\n\
         X-GNOME-Autostart-enabled=true\n",
        exec.join(" ")
    )
}

/// Quotes a word as `Exec` wants it (Desktop Entry Specification 1.5): in quotes, backslashes twice, for the value is
/// unescaped before the line is split.
fn quoted(word: &str) -> String {
    let mut text = String::from("\"");
    for sign in word.chars() {
        match sign {
            '"' | '`' | '$' => text.extend(["\\\\", &sign.to_string()]),
            '\\' => text.push_str(r"\\\\"),
            '%' => text.push_str("%%"),
            _ => text.push(sign),
        }
    }
    text + "\""
}

const NAME: &str = "org.kith.desktop.desktop";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_blanks_and_signs_is_one_word_of_the_entry() {
        let words = ["--hidden".to_owned(), "--data".to_owned(), "/home/me/100% $mine \"x\"".to_owned()];
        let entry = entry("/opt/my apps/kith", &words);
        let exec = entry.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap();
        assert_eq!(exec, r#""/opt/my apps/kith" "--hidden" "--data" "/home/me/100%% \\$mine \\"x\\"""#);
    }
}
