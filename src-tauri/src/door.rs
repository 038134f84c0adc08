//! One window per data folder: a second start knocks at the first one's door, and its window shows itself.
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
pub(crate) async fn knock(folder: &Path) -> bool {
    let end = Instant::now() + PATIENCE;
    loop {
        if matches!(timeout(PATIENCE, knock_once(folder)).await, Ok(Ok(()))) {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        sleep(PAUSE).await;
    }
}

/// Keeps the door of this folder: calls `on_knock` for everybody who knocks with the right token.
pub(crate) async fn keep(folder: std::path::PathBuf, on_knock: impl Fn()) {
    if let Err(error) = listen(&folder, on_knock).await {
        tracing::warn!("a second start will not find this window: {error}");
    }
}

async fn knock_once(folder: &Path) -> io::Result<()> {
    let text = fs::read_to_string(folder.join(FILE))?;
    let (port, token) = text.trim_end().split_once(' ').ok_or(io::ErrorKind::InvalidData)?;
    let port: u16 = port.parse().map_err(|_| io::ErrorKind::InvalidData)?;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(token.as_bytes()).await?;
    let mut answer = [0; ANSWER.len()];
    stream.read_exact(&mut answer).await?;
    if &answer == ANSWER { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

async fn listen(folder: &Path, on_knock: impl Fn()) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let token = format!("{:016x}{:016x}", OsRng.next_u64(), OsRng.next_u64());
    write_private(folder, &format!("{} {token}\n", listener.local_addr()?.port()))?;
    loop {
        let (stream, _) = listener.accept().await?;
        match timeout(PATIENCE, answer(stream, token.as_bytes())).await {
            Ok(Ok(true)) => on_knock(),
            _ => tracing::warn!("somebody without the token knocked at the window's door"),
        }
    }
}

/// Answers whoever knows the token; says nothing to anybody else.
async fn answer(mut stream: TcpStream, token: &[u8]) -> io::Result<bool> {
    let mut heard = [0; TOKEN_BYTES];
    stream.read_exact(&mut heard).await?;
    let right = heard == token;
    if right {
        stream.write_all(ANSWER).await?;
    }
    Ok(right)
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
        tokio::spawn(keep(folder.path().join("window"), move || heard.send(()).unwrap()));
        assert!(knock(&folder.path().join("window")).await);
        knocks.recv_timeout(PATIENCE).unwrap();
    }

    #[tokio::test]
    async fn a_door_left_behind_by_a_killed_app_answers_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        write_private(folder.path(), &format!("{free} {}\n", "0".repeat(TOKEN_BYTES))).unwrap();
        assert!(knock_once(folder.path()).await.is_err());
    }

    #[tokio::test]
    async fn a_knock_without_the_token_is_not_answered() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stranger = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut stranger = stranger;
        stranger.write_all(&[b'0'; TOKEN_BYTES]).await.unwrap();
        assert!(!answer(stream, &[b'1'; TOKEN_BYTES]).await.unwrap());
        assert_eq!(stranger.read(&mut [0; 1]).await.unwrap(), 0);
    }
}
