//! The floors: what the same libraries need for the bare work, without anything that makes it Kith.

use super::{Result, cards::Contact, tls};
use kith_core::{
    envelope::{self, Context, SealKey},
    identity::SigningKey,
};
use quinn::{ClientConfig, Connection, Endpoint};
use rand_core::OsRng;
use rusqlite::params;
use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::task::JoinSet;

/// A bare QUIC server on loopback and a client for it, with raw public keys both ways.
pub(super) struct Bare {
    address: SocketAddr,
    client: Endpoint,
    config: ClientConfig,
    _server: Endpoint,
}

impl Bare {
    /// Starts to listen.
    pub(super) fn start() -> Result<Self> {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Endpoint::server(tls::server()?, loopback)?;
        tokio::spawn(accept_all(server.clone()));
        let client = Endpoint::client(loopback)?;
        Ok(Self { address: server.local_addr()?, client, config: tls::client()?, _server: server })
    }

    /// A whole handshake.
    pub(super) async fn connect(&self) -> Result<Connection> {
        Ok(self.client.connect_with(self.config.clone(), self.address, tls::NAME)?.await?)
    }

    /// A handshake and one round trip.
    pub(super) async fn reconnect(&self) -> Result<Duration> {
        let start = Instant::now();
        let connection = self.connect().await?;
        request(&connection, &[0; 200]).await?;
        let took = start.elapsed();
        connection.close(0_u32.into(), b"");
        Ok(took)
    }
}

/// Answers each stream when all of it has come.
async fn accept_all(server: Endpoint) {
    while let Some(incoming) = server.accept().await {
        tokio::spawn(async move {
            let Ok(connection) = incoming.await else { return };
            while let Ok((mut send, mut recv)) = connection.accept_bi().await {
                tokio::spawn(async move {
                    if recv.read_to_end(STREAM_BYTES_MAX).await.is_ok() && send.write_all(b"taken").await.is_ok() {
                        // The client may be gone; it has its answer or does not want it.
                        let _gone = send.finish();
                    }
                });
            }
        });
    }
}

/// Sends a request on a stream of its own and waits for the answer.
pub(super) async fn request(connection: &Connection, bytes: &[u8]) -> Result {
    let (mut send, mut recv) = connection.open_bi().await?;
    send.write_all(bytes).await?;
    send.finish()?;
    recv.read_to_end(ANSWER_BYTES_MAX).await?;
    Ok(())
}

/// What an initial sync cannot do without: compress, send over one stream, decompress, take each card's UID and name,
/// and write all in one transaction, durably.
pub(super) async fn initial_sync(connection: &Connection, contacts: &[Contact]) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    let mut database = open(folder.path())?;
    let mut text = Vec::new();
    for contact in contacts {
        text.extend_from_slice(&(contact.vcard.len() as u32).to_le_bytes());
        text.extend_from_slice(contact.vcard.as_bytes());
    }
    let start = Instant::now();
    let packed = zstd::bulk::compress(&text, 1)?;
    request(connection, &packed).await?;
    let unpacked = zstd::bulk::decompress(&packed, text.len())?;
    let mut rows = Vec::with_capacity(contacts.len());
    let mut rest = unpacked.as_slice();
    while let Some((length, after)) = rest.split_first_chunk() {
        let (card, after) = after.split_at(u32::from_le_bytes(*length) as usize);
        let lines = std::str::from_utf8(card)?.lines();
        let field = |name: &str| lines.clone().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
        rows.push((field("UID:"), field("FN:"), card.to_vec()));
        rest = after;
    }
    let transaction = database.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO contact (uid, name, body) VALUES (?1, ?2, ?3)")?;
        for (uid, name, body) in &rows {
            insert.execute(params![uid, name, body])?;
        }
    }
    transaction.commit()?;
    Ok(start.elapsed())
}

/// What one edit cannot do without: a request with its answer, and one durable commit.
pub(super) struct Edit {
    connection: Connection,
    database: rusqlite::Connection,
    _folder: TempDir,
}

impl Edit {
    pub(super) async fn start(bare: &Bare) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = open(folder.path())?;
        Ok(Self { connection: bare.connect().await?, database, _folder: folder })
    }

    pub(super) async fn once(&self, number: usize) -> Result<Duration> {
        let start = Instant::now();
        request(&self.connection, &[0; 400]).await?;
        self.database
            .prepare_cached("INSERT INTO contact (uid, name, body) VALUES (?1, ?2, zeroblob(400))")?
            .execute(params![number.to_string(), "name"])?;
        Ok(start.elapsed())
    }
}

/// One sender, and many receivers that are connected to it, each by a socket of its own.
pub(super) struct Fan {
    sending: Vec<Connection>,
    receiving: Vec<Connection>,
    _ends: Vec<Endpoint>,
}

impl Fan {
    pub(super) async fn start(count: usize) -> Result<Self> {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Endpoint::server(tls::server()?, loopback)?;
        let (config, address) = (tls::client()?, server.local_addr()?);
        let mut fan = Self { sending: Vec::new(), receiving: Vec::new(), _ends: vec![server.clone()] };
        for _ in 0..count {
            let client = Endpoint::client(loopback)?;
            let connecting = client.connect_with(config.clone(), address, tls::NAME)?;
            let incoming = server.accept().await.ok_or("the server has ended")?;
            let (received, sent) = tokio::join!(connecting, incoming);
            fan.receiving.push(received?);
            fan.sending.push(sent?);
            fan._ends.push(client);
        }
        Ok(fan)
    }

    /// Sends this many bytes to each; returns how long it took until the last one had them.
    pub(super) async fn once(&self, bytes: usize) -> Result<Duration> {
        let mut waiting = JoinSet::new();
        for connection in &self.receiving {
            let connection = connection.clone();
            waiting.spawn(async move {
                let mut stream = connection.accept_uni().await?;
                stream.read_to_end(STREAM_BYTES_MAX).await?;
                Result::Ok(Instant::now())
            });
        }
        let start = Instant::now();
        let message = vec![0; bytes];
        for connection in &self.sending {
            let mut stream = connection.open_uni().await?;
            stream.write_all(&message).await?;
            stream.finish()?;
        }
        let mut last = start;
        while let Some(received) = waiting.join_next().await {
            last = last.max(received??);
        }
        Ok(last - start)
    }
}

/// What it takes to keep a message for each of these devices: a seal each, on one core, and one durable commit.
pub(super) fn seals(to: &[(SealKey, Context)], body: &[u8], key: &SigningKey) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    let mut database = open(folder.path())?;
    let start = Instant::now();
    let transaction = database.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO contact (uid, name, body) VALUES (?1, '', ?2)")?;
        for (number, (to, context)) in to.iter().enumerate() {
            let sealed = envelope::seal(to, context, body, key, &mut OsRng).ok_or("it cannot be sealed")?;
            insert.execute(params![number.to_string(), sealed])?;
        }
    }
    transaction.commit()?;
    Ok(start.elapsed())
}

fn open(folder: &Path) -> Result<rusqlite::Connection> {
    let database = rusqlite::Connection::open(folder.join("floor.db"))?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute_batch(
        "CREATE TABLE contact (id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, name TEXT NOT NULL, body BLOB NOT NULL);
         CREATE INDEX contact_by_name ON contact (name);",
    )?;
    Ok(database)
}

const STREAM_BYTES_MAX: usize = 256 << 20;
const ANSWER_BYTES_MAX: usize = 16;
