//! The key store of Linux desktops: the Secret Service (freedesktop.org, version 0.2) over the session bus.
//!
//! A session of the kind "plain" will do: the bus is a socket that only this user can open, and whoever can read along
//! there can ask the service as well.

use super::{APPLICATION, StoreFault};
use futures_util::StreamExt;
use std::{collections::HashMap, time::Duration};
use zbus::{Connection, OwnedObjectPath, OwnedVariant, Variant};
use zeroize::Zeroizing;

/// A secret as it travels: session, parameters, value, content type.
type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

#[zbus::proxy(
    interface = "org.freedesktop.Secret.Service",
    default_service = "org.freedesktop.secrets",
    default_path = "/org/freedesktop/secrets"
)]
trait Service {
    fn open_session(&self, algorithm: &str, input: Variant<'_>) -> zbus::Result<(OwnedVariant, OwnedObjectPath)>;
    fn read_alias(&self, name: &str) -> zbus::Result<OwnedObjectPath>;
    fn search_items(
        &self,
        attributes: HashMap<&str, &str>,
    ) -> zbus::Result<(Vec<OwnedObjectPath>, Vec<OwnedObjectPath>)>;
    fn unlock(&self, objects: &[OwnedObjectPath]) -> zbus::Result<(Vec<OwnedObjectPath>, OwnedObjectPath)>;
}

#[zbus::proxy(interface = "org.freedesktop.Secret.Collection", default_service = "org.freedesktop.secrets")]
trait Collection {
    fn create_item(
        &self,
        properties: HashMap<&str, Variant<'_>>,
        secret: &Secret,
        replace: bool,
    ) -> zbus::Result<(OwnedObjectPath, OwnedObjectPath)>;
    #[zbus(property)]
    fn locked(&self) -> zbus::Result<bool>;
}

#[zbus::proxy(interface = "org.freedesktop.Secret.Item", default_service = "org.freedesktop.secrets")]
trait Item {
    fn get_secret(&self, session: &OwnedObjectPath) -> zbus::Result<Secret>;
    fn delete(&self) -> zbus::Result<OwnedObjectPath>;
}

#[zbus::proxy(interface = "org.freedesktop.Secret.Prompt", default_service = "org.freedesktop.secrets")]
trait Prompt {
    fn prompt(&self, window_id: &str) -> zbus::Result<()>;
    #[zbus(signal)]
    fn completed(&self, dismissed: bool, result: OwnedVariant) -> zbus::Result<()>;
}

/// Keeps an entry, and reads it back: a store that only says that it keeps things is none. A locked one is not waited
/// for: nothing may hang where nobody sits.
pub(super) fn keep(name: &str, secret: &[u8]) -> Result<(), StoreFault> {
    run(async {
        let store = Store::open().await?;
        let collection = store.service.read_alias("default").await?;
        if collection.as_str() == NOTHING {
            return Err(StoreFault::Absent);
        }
        let collection = CollectionProxy::builder(&store.bus).path(&collection).build().await?;
        if collection.locked().await? {
            return Err(StoreFault::Locked);
        }
        let properties = HashMap::from([
            ("org.freedesktop.Secret.Item.Label", Variant::from(format!("{APPLICATION}: the keys of a device"))),
            ("org.freedesktop.Secret.Item.Attributes", Variant::from(attributes(name))),
        ]);
        let value: Secret = (store.session.clone(), Vec::new(), secret.to_vec(), "application/octet-stream".to_owned());
        let (item, _prompt) = collection.create_item(properties, &value, true).await?;
        let value = Zeroizing::new(value.2);
        if item.as_str() == NOTHING || *store.read(&item).await? != *value {
            return Err(StoreFault::Locked);
        }
        Ok(())
    })
}

/// Hands out an entry. A locked store is asked to unlock itself; it asks the person.
pub(super) fn fetch(name: &str) -> Result<Zeroizing<Vec<u8>>, StoreFault> {
    run(async {
        let store = Store::open().await?;
        let item = store.find(name).await?;
        store.read(&item).await
    })
}

/// Removes an entry.
pub(super) fn forget(name: &str) -> Result<(), StoreFault> {
    run(async {
        let store = Store::open().await?;
        let item = store.find(name).await?;
        ItemProxy::builder(&store.bus).path(&item).build().await?.delete().await?;
        Ok(())
    })
}

/// The open service.
struct Store {
    bus: Connection,
    service: ServiceProxy<'static>,
    session: OwnedObjectPath,
}

impl Store {
    async fn open() -> Result<Self, StoreFault> {
        let opening = async {
            let bus = Connection::session().await?;
            let service = ServiceProxy::new(&bus).await?;
            let (_output, session) = service.open_session("plain", Variant::from("")).await?;
            Ok(Self { bus, service, session })
        };
        tokio::time::timeout(ANSWER_PATIENCE, opening).await.unwrap_or(Err(StoreFault::Silent))
    }

    async fn find(&self, name: &str) -> Result<OwnedObjectPath, StoreFault> {
        let (open, locked) = self.service.search_items(attributes(name)).await?;
        if let Some(item) = open.into_iter().next() {
            return Ok(item);
        }
        let item = locked.into_iter().next().ok_or(StoreFault::Missing)?;
        let (unlocked, prompt) = self.service.unlock(std::slice::from_ref(&item)).await?;
        if unlocked.contains(&item) || self.ask(&prompt).await? { Ok(item) } else { Err(StoreFault::Locked) }
    }

    /// Lets the service ask the person; returns whether they agreed.
    async fn ask(&self, prompt: &OwnedObjectPath) -> Result<bool, StoreFault> {
        if prompt.as_str() == NOTHING {
            return Ok(false);
        }
        let prompt = PromptProxy::builder(&self.bus).path(prompt).build().await?;
        let mut answers = prompt.receive_completed().await?;
        prompt.prompt("").await?;
        match answers.next().await {
            Some(answer) => Ok(!answer.args()?.dismissed),
            None => Ok(false),
        }
    }

    async fn read(&self, item: &OwnedObjectPath) -> Result<Zeroizing<Vec<u8>>, StoreFault> {
        let item = ItemProxy::builder(&self.bus).path(item).build().await?;
        Ok(Zeroizing::new(item.get_secret(&self.session).await?.2))
    }
}

fn attributes(name: &str) -> HashMap<&str, &str> {
    HashMap::from([("application", APPLICATION), ("entry", name)])
}

/// Whatever the bus says amounts to a store that is not there.
impl From<zbus::Error> for StoreFault {
    fn from(error: zbus::Error) -> Self {
        tracing::debug!(%error, "the secret service");
        Self::Absent
    }
}

fn run<T>(work: impl Future<Output = Result<T, StoreFault>>) -> Result<T, StoreFault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|_| StoreFault::Absent)?.block_on(work)
}

/// The path that stands for no object.
const NOTHING: &str = "/";
/// How long the service may take to say that it is there.
const ANSWER_PATIENCE: Duration = Duration::from_secs(4);
