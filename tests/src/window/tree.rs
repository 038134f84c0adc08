//! The interface as a screen reader meets it: the tree that the app offers over AT-SPI 2, on a bus of its own.

use super::Bus;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};
use zbus::{Connection, OwnedObjectPath, Proxy, connection};

/// One thing of the interface.
#[derive(Clone, Debug, PartialEq)]
pub struct Accessible {
    /// What it is; `None` if it is nothing to press, fill in or choose.
    pub role: Option<&'static str>,
    /// What it is called.
    pub name: String,
    /// Whether the keyboard can reach it.
    pub focusable: bool,
    /// Whether it is in view.
    pub showing: bool,
}

/// Who offers a thing, and under which path.
type Place = (String, OwnedObjectPath);

impl Bus {
    /// Everything that the app on this bus offers to screen readers, once `there` says that its page is among it.
    pub fn accessibles(&self, there: impl Fn(&[Accessible]) -> bool) -> Vec<Accessible> {
        let address = self.accessibility_address();
        self.block_on(async {
            let bus = connection::Builder::address(address.as_str()).build().await.expect("that bus is there");
            let end = Instant::now() + PATIENCE;
            loop {
                let found = walk(&bus).await.unwrap_or_default();
                if there(&found) {
                    return found;
                }
                assert!(Instant::now() < end, "what a screen reader is offered: {found:#?}");
                tokio::time::sleep(PAUSE).await;
            }
        })
    }

    /// Whether `at-spi2-core` is installed; without it nothing can be asked.
    pub fn has_accessibility() -> bool {
        std::path::Path::new(SERVICE).exists()
    }

    /// Where screen readers and apps meet, as `AT_SPI_BUS_ADDRESS` names it. An app that is not told asks the display,
    /// which may name a bus that is gone.
    pub fn accessibility_address(&self) -> String {
        self.block_on(async {
            let session = connection::Builder::address(self.address()).build().await.expect("the bus is there");
            let proxy = Proxy::new(&session, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus").await.expect("a proxy");
            proxy.call("GetAddress", &()).await.expect("the accessibility bus is started")
        })
    }
}

/// Walks the trees of all apps on the bus, breadth first. What vanishes on the way is left out.
async fn walk(bus: &Connection) -> zbus::Result<Vec<Accessible>> {
    let registry = ("org.a11y.atspi.Registry".to_owned(), ROOT.try_into()?);
    let (mut waiting, mut found) = (VecDeque::from(children(bus, &registry).await?), Vec::new());
    while let Some(place) = waiting.pop_front() {
        let Ok(one) = look(bus, &place).await else { continue };
        found.push(one);
        if found.len() + waiting.len() < THINGS_MAX {
            waiting.extend(children(bus, &place).await.unwrap_or_default());
        }
    }
    Ok(found)
}

async fn proxy(bus: &Connection, (owner, path): &Place) -> zbus::Result<Proxy<'static>> {
    Proxy::new(bus, owner.clone(), path.clone(), "org.a11y.atspi.Accessible").await
}

async fn children(bus: &Connection, place: &Place) -> zbus::Result<Vec<Place>> {
    let proxy = proxy(bus, place).await?;
    let children: Vec<Place> = proxy.call("GetChildren", &()).await?;
    // Where the page's tree hangs on the window's, only the single child is named, as screen readers ask for it.
    if children.is_empty() && proxy.get_property::<i32>("ChildCount").await? == 1 {
        return Ok(vec![proxy.call("GetChildAtIndex", &0_i32).await?]);
    }
    Ok(children)
}

async fn look(bus: &Connection, place: &Place) -> zbus::Result<Accessible> {
    let proxy = proxy(bus, place).await?;
    let number: u32 = proxy.call("GetRole", &()).await?;
    let states: Vec<u32> = proxy.call("GetState", &()).await?;
    let has = |state: u32| states.get((state / 32) as usize).is_some_and(|bits| bits >> (state % 32) & 1 == 1);
    let used = number != LIST_ITEM || has(STATE_FOCUSABLE);
    let role = USED.iter().find(|(known, _)| used && *known == number).map(|(_, name)| *name);
    let name = proxy.get_property::<String>("Name").await?;
    Ok(Accessible { role, name, focusable: has(STATE_FOCUSABLE), showing: has(STATE_SHOWING) })
}

const SERVICE: &str = "/usr/share/dbus-1/services/org.a11y.Bus.service";
const ROOT: &str = "/org/a11y/atspi/accessible/root";
/// AT-SPI's numbers of what can be used. WebKit tells no names of roles.
const USED: [(u32, &str); 16] = [
    (7, "check box"),
    (8, "check menu item"),
    (11, "combo box"),
    (LIST_ITEM, "list item"),
    (35, "menu item"),
    (37, "page tab"),
    (40, "password"),
    (43, "button"),
    (44, "radio button"),
    (51, "slider"),
    (52, "spin button"),
    (61, "text"),
    (62, "toggle button"),
    (79, "entry"),
    (88, "link"),
    (129, "menu button"),
];
/// What stands in a list is to be read; what can be chosen from one can have the focus.
const LIST_ITEM: u32 = 32;
/// Numbers of states in AT-SPI's list.
const STATE_FOCUSABLE: u32 = 11;
const STATE_SHOWING: u32 = 25;
/// No page has more.
const THINGS_MAX: usize = 5_000;
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(200);
