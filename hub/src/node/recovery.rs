//! What the recovery code does: it is checked, put on paper, and opens the next epoch of the roster (rules 4.1/1 and 3).
//! No code is kept, and none is logged.

use super::{
    devices::{find, named},
    event_loop::{Node, Reply, answer},
    member::{Member, roster_error},
    pairing::qr,
};
use crate::{
    api::{Answer, Code, Error, Named, RecoveryChecked, RecoveryOpen, RecoveryOpened, RecoveryPrint, Secret},
    clock::{now_ms, rfc3339},
};
use kith_core::identity::{
    SigningKey, public_key,
    recovery::RecoveryCode,
    roster::{DeviceCard, Roster},
};

impl Node {
    /// `recovery.check`.
    pub(super) fn recovery_check(&self, code: &Secret) -> Result<Answer, Error> {
        let member = self.member.as_ref().ok_or_else(nobody)?;
        read(code, member)?;
        Ok(Answer::RecoveryCheck(RecoveryChecked { person: person(member) }))
    }

    /// `recovery.sheet`.
    pub(super) fn recovery_sheet(&self, code: &Secret) -> Result<Answer, Error> {
        let member = self.member.as_ref().ok_or_else(nobody)?;
        let text = read(code, member)?.to_string();
        let qr = qr(&text).ok_or_else(|| Error::new(Code::Internal, "no QR code of a recovery code"))?;
        let groups = text.split('-').map(str::to_owned).collect();
        Ok(Answer::RecoverySheet(RecoveryPrint { person: person(member), groups, qr, date: rfc3339(now_ms()) }))
    }

    /// `recovery.open`: the devices of now, this one and the named ones are the devices of the next epoch. This ends every
    /// duel of devices that remove each other, and lets a device in that no other one can vouch for any more.
    pub(super) fn recovery_open(&mut self, request: &RecoveryOpen, reply: Reply) {
        let waited = self.member.as_ref().is_some_and(Member::waits);
        match self.open_next(&request.code, &request.with) {
            // By the secret that they have, the others find the copied folder that the code lets in.
            Ok(opened) if waited => answer(reply, Ok(Answer::RecoveryOpen(opened))),
            // Whoever emptied the roster knows the secret of the local network as well.
            Ok(opened) => self.renew_lan(Answer::RecoveryOpen(opened), reply),
            Err(error) => answer(reply, Err(error)),
        }
    }

    fn open_next(&mut self, code: &Secret, with: &[String]) -> Result<RecoveryOpened, Error> {
        let member = self.member.as_ref().ok_or_else(nobody)?;
        let code = read(code, member)?;
        let mut devices: Vec<DeviceCard> = member.roster.devices().into_iter().cloned().collect();
        let mut include = |card: &DeviceCard| {
            if devices.iter().all(|other| other.id != card.id) {
                devices.push(card.clone());
            }
        };
        include(&member.card());
        for prefix in with {
            include(find(member.roster.removed_devices(), prefix)?);
        }
        let mut roster = member.roster.clone();
        open_epoch(&mut roster, &code, &devices)?;
        let opened = RecoveryOpened { epoch: roster.epoch(), devices: devices.iter().map(named).collect() };
        self.keep_roster(roster);
        self.dial_everybody();
        Ok(opened)
    }
}

impl Member {
    /// This device as a roster names it.
    pub(super) fn card(&self) -> DeviceCard {
        let me = self.me();
        let known = self.roster.known(me).or_else(|| self.roster.removed_devices().into_iter().find(|c| c.id == me));
        // One that took another id keeps its name.
        let name = Some(self.scene.names.device(me)).filter(|name| !name.is_empty());
        known.cloned().unwrap_or_else(|| DeviceCard {
            id: me,
            sign: public_key(&self.signing_key()),
            tls: public_key(&SigningKey::from_bytes(&self.keys.tls)),
            name: name.unwrap_or_else(super::join::default_name),
            platform: std::env::consts::OS.to_owned(),
        })
    }
}

/// Reads a code as people type it, and sees whether it is this person's.
pub(super) fn read(code: &Secret, member: &Member) -> Result<RecoveryCode, Error> {
    let code = RecoveryCode::parse(code.expose()).map_err(|error| Error::new(Code::WrongCode, format!("{error}.")))?;
    if code.person_id() == member.keys.person {
        return Ok(code);
    }
    let message = "That is a recovery code, but not this person's. Look for the paper of this address book.";
    Err(Error::new(Code::WrongCode, message))
}

/// Opens the next epoch with exactly these devices.
pub(super) fn open_epoch(roster: &mut Roster, code: &RecoveryCode, devices: &[DeviceCard]) -> Result<(), Error> {
    let refused = |error| roster_error(&error);
    let entry = roster.sign_next_epoch(&code.root_key(), devices).map_err(refused)?;
    roster.insert(&entry).map_err(refused)?;
    Ok(())
}

pub(super) fn nobody() -> Error {
    Error::new(Code::NotSetUp, "There is no address book here yet.")
}

fn person(member: &Member) -> Named {
    Named { id: member.keys.person.to_string(), name: member.person_name.clone() }
}
