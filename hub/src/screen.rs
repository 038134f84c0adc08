//! A picture of a part of the screen, which the person picks.
//!
//! Each system has its own way, and asks the person itself: nothing is taken that was not pointed at.

use crate::{
    api::{Code, Error},
    picture::{PICTURE_BYTES_MAX, PictureError},
};
use std::{fs, io::Read, path::Path};

/// Lets the person pick a part of the screen; returns it as the bytes of a picture. Blocks until that is done.
///
/// # Errors
///
/// The person picked nothing, or this desktop has no way to ask: the sentence says what to do instead.
pub(crate) fn region() -> Result<Vec<u8>, Error> {
    system::region()
}

/// Reads a picture that the desktop wrote for us alone, and removes it.
#[cfg_attr(windows, expect(dead_code, reason = "Windows hands pictures over by the clipboard"))]
fn take(path: &Path) -> Result<Vec<u8>, Error> {
    let unavailable = |error: std::io::Error| Error::new(Code::FileUnavailable, format!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unavailable)?;
    file.take(PICTURE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unavailable)?;
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!("the picture of the screen stays at {}: {error}", path.display());
    }
    if bytes.len() > PICTURE_BYTES_MAX { Err(PictureError::TooLarge.into()) } else { Ok(bytes) }
}

#[cfg_attr(windows, expect(dead_code, reason = "Windows does not tell"))]
fn nothing_picked() -> Error {
    Error::new(Code::Refused, "Nothing was picked from the screen.")
}

fn no_way(reason: &str) -> Error {
    Error::new(Code::FileUnavailable, format!("{reason} Take a screenshot of the code and drop it here."))
}

/// The desktop portal (org.freedesktop.portal.Screenshot, version 2).
#[cfg(target_os = "linux")]
mod system {
    use super::{no_way, nothing_picked, take};
    use crate::api::Error;
    use futures_util::StreamExt;
    use std::{collections::HashMap, path::PathBuf, time::Duration};
    use zbus::{Connection, OwnedObjectPath, OwnedVariant, Variant};

    #[zbus::proxy(
        interface = "org.freedesktop.portal.Screenshot",
        default_service = "org.freedesktop.portal.Desktop",
        default_path = "/org/freedesktop/portal/desktop"
    )]
    trait Screenshot {
        fn screenshot(&self, parent_window: &str, options: HashMap<&str, Variant<'_>>)
        -> zbus::Result<OwnedObjectPath>;
    }

    #[zbus::proxy(interface = "org.freedesktop.portal.Request", default_service = "org.freedesktop.portal.Desktop")]
    trait Request {
        #[zbus(signal)]
        fn response(&self, response: u32, results: HashMap<String, OwnedVariant>) -> zbus::Result<()>;
    }

    pub(super) fn region() -> Result<Vec<u8>, Error> {
        let picked = tokio::runtime::Handle::current().block_on(async { tokio::time::timeout(PATIENCE, ask()).await });
        let path = match picked {
            Ok(Ok(Some(path))) => path,
            Ok(Ok(None)) | Err(_) => return Err(nothing_picked()),
            Ok(Err(error)) => {
                tracing::info!("no picture of the screen by the desktop portal: {error}");
                return Err(no_way("This desktop offers no way to pick a part of the screen."));
            }
        };
        take(&path)
    }

    /// Asks the portal; `None` if the person does not want to. The answer is listened for before the question is put,
    /// at the path that the portal will choose for it: an answer that comes at once is not missed.
    async fn ask() -> zbus::Result<Option<PathBuf>> {
        let connection = Connection::session().await?;
        let name = connection.unique_name().map(|name| name.trim_start_matches(':').replace('.', "_"));
        let token = format!("kith{}", std::process::id());
        let path = format!("/org/freedesktop/portal/desktop/request/{}/{token}", name.unwrap_or_default());
        let request = RequestProxy::builder(&connection).path(path).build().await?;
        let mut answers = request.receive_response().await?;
        let options = HashMap::from([
            ("handle_token", Variant::from(token.as_str())),
            ("interactive", Variant::from(true)),
            ("modal", Variant::from(true)),
        ]);
        ScreenshotProxy::new(&connection).await?.screenshot("", options).await?;
        let Some(answer) = answers.next().await else { return Ok(None) };
        let answer = answer.args()?;
        if answer.response != PICKED {
            return Ok(None);
        }
        let uri = answer.results.get("uri").and_then(|uri| uri.downcast_ref::<&str>().ok());
        Ok(uri.and_then(path_of))
    }

    /// The path in a `file:` URI of this computer (RFC 8089).
    fn path_of(uri: &str) -> Option<PathBuf> {
        let rest = uri.strip_prefix("file://")?;
        let path = rest.strip_prefix("localhost").unwrap_or(rest);
        let mut bytes = Vec::with_capacity(path.len());
        let mut rest = path.as_bytes();
        while let Some((&byte, after)) = rest.split_first() {
            let pair = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
            match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| byte == b'%') {
                Some(byte) => {
                    bytes.push(byte);
                    rest = &after[2..];
                }
                None => {
                    bytes.push(byte);
                    rest = after;
                }
            }
        }
        Some(PathBuf::from(String::from_utf8(bytes).ok()?)).filter(|path| path.is_absolute())
    }

    /// How long somebody may take to pick.
    const PATIENCE: Duration = Duration::from_secs(300);
    /// The portal's answer when all went well.
    const PICKED: u32 = 0;
}

/// macOS: its own program for it, which asks for the permission to record the screen the first time.
#[cfg(target_os = "macos")]
mod system {
    use super::{no_way, nothing_picked, take};
    use crate::api::Error;
    use std::process::Command;

    pub(super) fn region() -> Result<Vec<u8>, Error> {
        let path = std::env::temp_dir().join(format!("kith-screen-{}.png", std::process::id()));
        let done = Command::new("/usr/sbin/screencapture").args(["-i", "-o", "-t", "png"]).arg(&path).status();
        match done {
            Ok(_) if path.is_file() => take(&path),
            Ok(_) => Err(nothing_picked()),
            Err(_) => Err(no_way("The screen cannot be read here.")),
        }
    }
}

/// Windows: its own tool puts the picture on the clipboard, from where the window takes it.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
mod system {
    use super::no_way;
    use crate::api::Error;

    pub(super) fn region() -> Result<Vec<u8>, Error> {
        Err(no_way("Press Windows+Shift+S, pick the code, and paste it here with Ctrl+V."))
    }
}
