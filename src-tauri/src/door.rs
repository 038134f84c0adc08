//! One window per data folder: a second start knocks at the first one's door, hands in what it was to open, and the first
//! one's window shows itself.
//!
//! The door is a socket on the loopback address. Its port and a random token stand in a file of the data folder, so that
//! only whoever may read the folder can knock, and folders do not know of each other. Which process is the first one is
//! decided by the hub's lock on the folder, never here.

use rand_core::{OsRng, RngCore};
use std::{fs, io, path::Path, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep, timeout},
};

/// Knocks until somebody answers, for two seconds at most: the first app may be just starting.
pub(crate) async fn knock(folder: &Path, things: &[String]) -> bool {
    let end = Instant::now() + PATIENCE;
    loop {
        if matches!(timeout(PATIENCE, knock_once(folder, things)).await, Ok(Ok(()))) {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        sleep(PAUSE).await;
    }
}

/// Keeps the door of this folder: calls `on_knock` with what was handed in by everybody who knocks with the right token.
pub(crate) async fn keep(folder: std::path::PathBuf, on_knock: impl Fn(Vec<String>)) {
    if let Err(error) = listen(&folder, on_knock).await {
        tracing::warn!("a second start will not find this window: {error}");
    }
}

async fn knock_once(folder: &Path, things: &[String]) -> io::Result<()> {
    let text = fs::read_to_string(folder.join(FILE))?;
    let (port, token) = text.trim_end().split_once(' ').ok_or(io::ErrorKind::InvalidData)?;
    let port: u16 = port.parse().map_err(|_| io::ErrorKind::InvalidData)?;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let things = serde_json::to_vec(things)?;
    let length = u32::try_from(things.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    stream.write_all(&[token.as_bytes(), &length.to_be_bytes(), &things].concat()).await?;
    let mut answer = [0; ANSWER.len()];
    stream.read_exact(&mut answer).await?;
    if &answer == ANSWER { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

async fn listen(folder: &Path, on_knock: impl Fn(Vec<String>)) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let token = format!("{:016x}{:016x}", OsRng.next_u64(), OsRng.next_u64());
    write_private(folder, &format!("{} {token}\n", listener.local_addr()?.port()))?;
    loop {
        let (stream, _) = listener.accept().await?;
        match timeout(PATIENCE, answer(stream, token.as_bytes())).await {
            Ok(Ok(Some(things))) => on_knock(things),
            _ => tracing::warn!("somebody without the token knocked at the window's door"),
        }
    }
}

/// Answers whoever knows the token, and returns what they hand in; says nothing to anybody else.
async fn answer(mut stream: TcpStream, token: &[u8]) -> io::Result<Option<Vec<String>>> {
    let mut heard = [0; TOKEN_BYTES];
    stream.read_exact(&mut heard).await?;
    if heard != token {
        return Ok(None);
    }
    let length = stream.read_u32().await?;
    if length > THINGS_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut things = vec![0; length as usize];
    stream.read_exact(&mut things).await?;
    let things = serde_json::from_slice(&things)?;
    stream.write_all(ANSWER).await?;
    Ok(Some(things))
}

/// Writes the door's file, readable by this user alone.
fn write_private(folder: &Path, text: &str) -> io::Result<()> {
    use io::Write;
    fs::create_dir_all(folder)?;
    let path = folder.join(FILE);
    fs::remove_file(&path)
        .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

const FILE: &str = "door";
const ANSWER: &[u8; 5] = b"shown";
const TOKEN_BYTES: usize = 32;
/// What is handed in at most.
const THINGS_BYTES_MAX: u32 = 512 << 10;
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn a_knock_is_heard_by_the_app_on_the_same_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (heard, knocks) = mpsc::channel();
        tokio::spawn(keep(folder.path().join("window"), move |things| heard.send(things).unwrap()));
        let things = ["/home/me/people.vcf".to_owned(), "tel:112".to_owned()];
        assert!(knock(&folder.path().join("window"), &things).await);
        assert_eq!(knocks.recv_timeout(PATIENCE).unwrap(), things);
    }

    #[tokio::test]
    async fn a_door_left_behind_by_a_killed_app_answers_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        write_private(folder.path(), &format!("{free} {}\n", "0".repeat(TOKEN_BYTES))).unwrap();
        assert!(knock_once(folder.path(), &[]).await.is_err());
    }

    #[tokio::test]
    async fn a_knock_without_the_token_is_not_answered() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stranger = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut stranger = stranger;
        stranger.write_all(&[b'0'; TOKEN_BYTES]).await.unwrap();
        assert_eq!(answer(stream, &[b'1'; TOKEN_BYTES]).await.unwrap(), None);
        assert_eq!(stranger.read(&mut [0; 1]).await.unwrap(), 0);
    }
}
