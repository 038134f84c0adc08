//! `erase`: a last backup if the person wants one, then everything on this device goes.

use super::{
    event_loop::{Happening, Node, Reply, answer},
    member::Member,
};
use crate::api::{Answer, BackupNow, Code, Erase, Erased, Error, Event, Generation};
use std::{fs, path::Path};

impl Node {
    /// Looks whether it is meant, makes the last backup beside the loop, and comes back to erase.
    pub(super) fn erase_asked(&self, request: Erase, reply: Reply) {
        let Some(member) = &self.member else { return };
        if let Err(error) = meant(&request, member, self.folder.path()) {
            return answer(reply, Err(error));
        }
        let happenings = self.happenings.clone();
        let Some(to) = request.backup_to else {
            // If the loop has ended, nothing is erased.
            let _ended = happenings.send(Happening::Erasing { backup: None, reply });
            return;
        };
        let backups = self.backups(member);
        tokio::spawn(async move {
            match backups.now(BackupNow { to: Some(to), ..BackupNow::default() }).await {
                Ok(made) => drop(happenings.send(Happening::Erasing { backup: Some(made), reply })),
                Err(error) => answer(reply, Err(error)),
            }
        });
    }

    /// Erases. From the mark in the folder on there is no way back; a start finishes what was cut off.
    pub(super) async fn erase(&mut self, backup: Option<Generation>, reply: Reply) {
        self.importing.send_replace(());
        self.pairing = None;
        if let Err(error) = self.folder.mark_erasing() {
            return answer(reply, Err(error));
        }
        self.end().await;
        self.sources_seen = Default::default();
        let erased = self.folder.finish_erasing();
        self.tell(Event::Erased);
        answer(reply, erased.map(|left| Answer::Erase(Erased { backup, left })));
    }
}

/// Whether the person typed this device's name, and said what is to become of what only this device holds.
fn meant(request: &Erase, member: &Member, data: &Path) -> Result<(), Error> {
    let name = member.scene.names.device(member.me());
    if request.device.trim() != name {
        let message = format!("Nothing was erased. Type the name of this device to say that you mean it: “{name}”.");
        return Err(Error::new(Code::BadRequest, message));
    }
    if request.backup_to.is_none() != request.without_backup {
        let message = "Nothing was erased. Name a folder for a last backup, or say that you want none.";
        return Err(Error::new(Code::BadRequest, message));
    }
    if request.backup_to.as_ref().is_some_and(|to| lies_in(Path::new(to), data)) {
        let message = "Nothing was erased. That folder would go with everything else: name one elsewhere.";
        return Err(Error::new(Code::BadRequest, message));
    }
    Ok(())
}

/// Whether a path is within a folder, or will be once it is made, wherever links lead.
fn lies_in(path: &Path, folder: &Path) -> bool {
    let there = path.ancestors().find_map(|part| fs::canonicalize(part).ok());
    there.zip(fs::canonicalize(folder).ok()).is_some_and(|(path, folder)| path.starts_with(folder))
}
