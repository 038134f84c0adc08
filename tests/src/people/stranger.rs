//! Another person, whose every word a story chooses: rightly invited and linked, and then no friend at all.

pub use super::friend::Said;
use super::{Device, friend::Friend};
use kith_core::{exchange::message::Message, id::PersonId, share::Publication};
use kith_hub::transport::Closed;
use std::net::SocketAddr;
use tokio::runtime::Runtime;

/// The person, and what drives it.
pub struct Stranger {
    runtime: Runtime,
    friend: Friend,
}

impl Stranger {
    /// A new person, linked by an invitation of a running device.
    pub fn linked(name: &str, by: &Device) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("threads are there");
        let invitation = super::device::text(&by.call(&["link", "invite"])["link"]);
        let invitation = invitation.parse().expect("an invitation");
        let friend = runtime.block_on(Friend::linked(name, &invitation));
        Self { runtime, friend }
    }

    /// Who it is.
    pub fn person(&self) -> PersonId {
        self.friend.person()
    }

    /// Whom it is linked to.
    pub fn friend(&self) -> PersonId {
        self.friend.link().person
    }

    /// Connects and says what a healthy device says first; what comes next may be anything. Says whether it was let in.
    pub fn greet(&mut self, to: SocketAddr) -> bool {
        self.runtime.block_on(self.friend.greet(to))
    }

    /// A card of its own that says this number, as it would publish it.
    pub fn card(&self, number: u64, tel: &str) -> Publication {
        self.friend.card(number, tel)
    }

    /// Says a publication.
    pub fn publish(&mut self, publication: &Publication) {
        let _within = self.runtime.enter();
        self.friend.publish(publication);
    }

    /// Its other device removes the one that speaks: what proves it.
    pub fn removal(&mut self) -> Vec<u8> {
        self.friend.removal()
    }

    /// Says something.
    pub fn say(&mut self, message: &Message) {
        let _within = self.runtime.enter();
        self.friend.say(message);
    }

    /// Says bytes that need not be a message.
    pub fn say_bytes(&mut self, bytes: Vec<u8>) {
        let _within = self.runtime.enter();
        self.friend.say_bytes(bytes);
    }

    /// What it hears next.
    pub fn hear(&mut self) -> Said {
        self.runtime.block_on(self.friend.hear())
    }

    /// Waits until the hub hangs up, and returns why.
    pub fn hung_up(&mut self) -> Closed {
        loop {
            match self.hear() {
                Said::HungUp(why) => return why,
                Said::Message(_) => {}
                Said::Outside => panic!("it was connected"),
            }
        }
    }
}

/// The contact that a person is on a device.
pub fn contact_of(device: &Device, person: PersonId) -> String {
    let links = device.call(&["link", "list"]);
    let links = links["links"].as_array().expect("links");
    let found = links.iter().find(|link| link["person_id"] == person.to_string().as_str());
    super::device::text(&found.expect("they are linked")["contact_id"])
}
