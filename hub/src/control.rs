//! The control socket: how a command line talks to the hub that runs on its folder.
//!
//! One JSON object a line. The client sends a command, the hub answers `{"ok": ...}` or `{"error": {...}}`. The socket
//! lies in the data folder, which only its user can enter; on Windows it is a pipe named after the folder.

use crate::{
    api::{Answer, Code, Command, Error},
    node::Hub,
};
use serde::{Deserialize, Serialize};
use std::{io, path::Path, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    sync::RwLock,
    task::JoinHandle,
    time::timeout,
};

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Ok(Box<Answer>),
    Error(Error),
}

#[derive(Deserialize)]
struct Reply {
    ok: Option<serde_json::Value>,
    error: Option<Error>,
}

/// The open control socket.
pub(crate) struct Control {
    accepting: JoinHandle<()>,
    /// Held for reading by each conversation from a command until its answer is written.
    answering: Arc<RwLock<()>>,
}

impl Control {
    /// Takes no more commands, and writes the answers that are under way: whoever asked the hub to stop hears that it has.
    pub(crate) async fn end(self) {
        self.accepting.abort();
        // It was cancelled on purpose; from here on its socket is gone.
        let _cancelled = self.accepting.await;
        // Whoever does not read the answer is not waited for.
        let _unread = timeout(ANSWER_TIMEOUT, self.answering.write()).await;
    }
}

/// Serves commands until the hub ends.
pub(crate) fn serve(folder: &Path, hub: Hub) -> io::Result<Control> {
    let listener = imp::Listener::bind(folder)?;
    let answering = Arc::new(RwLock::new(()));
    let shared = Arc::clone(&answering);
    let accepting = tokio::spawn(async move {
        let mut listener = listener;
        while let Ok(stream) = listener.accept().await {
            let (hub, answering) = (hub.clone(), Arc::clone(&shared));
            tokio::spawn(async move {
                if let Err(error) = converse(stream, &hub, &answering).await {
                    tracing::debug!(%error, "a control connection ended");
                }
            });
        }
    });
    Ok(Control { accepting, answering })
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin, hub: &Hub, answering: &RwLock<()>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut stream).take(LINE_BYTES_MAX).read_until(b'\n', &mut line).await?;
        if read == 0 || line.last() != Some(&b'\n') {
            return Ok(());
        }
        let _answering = answering.read().await;
        let outcome = match serde_json::from_slice::<Command>(&line) {
            Ok(command) => hub.call(command).await.map_or_else(Outcome::Error, |answer| Outcome::Ok(Box::new(answer))),
            Err(error) => Outcome::Error(Error::new(Code::BadRequest, format!("not a command: {error}"))),
        };
        let mut answer = serde_json::to_vec(&outcome)?;
        answer.push(b'\n');
        stream.write_all(&answer).await?;
        stream.flush().await?;
    }
}

/// Sends one command to the hub that runs on `folder`. `None` if none runs there.
pub async fn call(folder: &Path, command: &Command) -> Option<Result<Answer, Error>> {
    let stream = imp::connect(folder).await.ok()?;
    Some(ask(stream, command).await.unwrap_or_else(|error| {
        Err(Error::new(Code::NotRunning, format!("the running hub ended before it answered: {error}")))
    }))
}

/// Whether a hub takes commands on `folder`.
pub(crate) async fn is_served(folder: &Path) -> bool {
    imp::connect(folder).await.is_ok()
}

async fn ask(stream: impl AsyncRead + AsyncWrite + Unpin, command: &Command) -> io::Result<Result<Answer, Error>> {
    let mut stream = BufReader::new(stream);
    let mut line = serde_json::to_vec(command)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    stream.flush().await?;
    line.clear();
    stream.read_until(b'\n', &mut line).await?;
    let reply: Reply = serde_json::from_slice(&line)?;
    match (reply.ok, reply.error) {
        (_, Some(error)) => Ok(Err(error)),
        (Some(answer), None) => Ok(Ok(command.read_answer(answer)?)),
        (None, None) => Err(io::ErrorKind::InvalidData.into()),
    }
}

#[cfg(unix)]
mod imp {
    use std::{
        fs, io,
        os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
        path::{Path, PathBuf},
    };
    use tokio::net::{UnixListener, UnixStream};

    pub(super) struct Listener {
        socket: UnixListener,
        path: PathBuf,
    }

    impl Listener {
        /// The folder is locked by this process, so a socket that lies there is a dead hub's.
        pub(super) fn bind(folder: &Path) -> io::Result<Self> {
            let path = socket_path(folder)?;
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let socket = UnixListener::bind(&path)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
            Ok(Self { socket, path })
        }

        pub(super) async fn accept(&mut self) -> io::Result<UnixStream> {
            Ok(self.socket.accept().await?.0)
        }
    }

    impl Drop for Listener {
        fn drop(&mut self) {
            // A socket that stays is removed by the next hub on this folder.
            let _stale = fs::remove_file(&self.path);
        }
    }

    pub(super) async fn connect(folder: &Path) -> io::Result<UnixStream> {
        UnixStream::connect(socket_path(folder)?).await
    }

    /// In the folder, or, where that path is too long for a socket, in a private folder of the temporary directory.
    fn socket_path(folder: &Path) -> io::Result<PathBuf> {
        let folder = fs::canonicalize(folder)?;
        let beside = folder.join("control");
        if beside.as_os_str().len() <= SOCKET_PATH_BYTES_MAX {
            return Ok(beside);
        }
        let owner = fs::metadata(&folder)?.uid();
        let private = std::env::temp_dir().join(format!("kith-{owner}"));
        match fs::DirBuilder::new().mode(0o700).create(&private) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let found = fs::symlink_metadata(&private)?;
        if !found.is_dir() || found.uid() != owner || found.mode() & 0o077 != 0 {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the folder for the control socket is not private",
            ));
        }
        let name = blake3::hash(folder.as_os_str().as_encoded_bytes()).to_hex();
        Ok(private.join(&name.as_str()[..16]))
    }

    /// The shortest limit of the systems that Kith runs on is 104 bytes, with the final zero.
    const SOCKET_PATH_BYTES_MAX: usize = 100;
}

#[cfg(windows)]
mod imp {
    use std::{io, path::Path};
    use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions};

    pub(super) struct Listener {
        name: String,
        next: NamedPipeServer,
    }

    impl Listener {
        pub(super) fn bind(folder: &Path) -> io::Result<Self> {
            let name = pipe_name(folder)?;
            let next = ServerOptions::new().first_pipe_instance(true).reject_remote_clients(true).create(&name)?;
            Ok(Self { name, next })
        }

        pub(super) async fn accept(&mut self) -> io::Result<NamedPipeServer> {
            self.next.connect().await?;
            let fresh = ServerOptions::new().reject_remote_clients(true).create(&self.name)?;
            Ok(std::mem::replace(&mut self.next, fresh))
        }
    }

    pub(super) async fn connect(folder: &Path) -> io::Result<NamedPipeClient> {
        ClientOptions::new().open(pipe_name(folder)?)
    }

    fn pipe_name(folder: &Path) -> io::Result<String> {
        let folder = std::fs::canonicalize(folder)?;
        let name = blake3::hash(folder.as_os_str().as_encoded_bytes()).to_hex();
        Ok(format!(r"\\.\pipe\kith-{}", &name.as_str()[..32]))
    }
}

/// How long an ending hub waits for its answers to be read.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest command, in bytes: an import that carries its files.
const LINE_BYTES_MAX: u64 = 256 << 20;
