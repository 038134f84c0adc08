//! The command list: everything that a person can ask of a hub, typed.
//!
//! The window, the command line and the tests all speak this list and nothing else. One entry of
//! [`commands!`] below gives a command its name, its request and its answer; the TypeScript types in
//! `ui/src/api/types.ts` are generated from it, and a test fails when they are stale.
//! Requests and answers are wire types: plain data in a person's terms, made and read at the edge.

mod backup;
mod contacts;
mod copies;
mod devices;
mod doctor;
mod erase;
mod error;
mod event;
mod files;
mod interactions;
mod me;
mod notify;
mod people;
mod persons;
mod secret;
mod types;
mod typescript;
mod updates;

pub use backup::*;
pub use contacts::*;
pub use copies::{CopiedDevice, Copies, DevicesCopies};
pub use devices::*;
pub use doctor::{Doctor, Finding, FindingCode, Findings};
pub use erase::{Erase, Erased};
pub use error::{Code, Error};
pub use event::{EVENT_IDS_MAX, Event};
pub use files::*;
pub use interactions::*;
pub use me::*;
pub use notify::*;
pub use people::*;
pub use persons::*;
pub use secret::Secret;
pub use types::*;
pub use typescript::typescript;
pub use updates::*;

use serde::{Deserialize, Serialize};

/// A request of the command list; its answer type follows from it.
pub trait Request: Into<Command> {
    /// What the hub answers when it did what was asked.
    type Answer;

    /// Unwraps the answer; `None` if it answers another command.
    fn unwrap_answer(answer: Answer) -> Option<Self::Answer>;
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:literal $variant:ident($request:ident) -> $answer:ident;)*) => {
        /// One request, named. Serialises as `{"name": ..., "args": {...}}`.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(tag = "name", content = "args")]
        pub enum Command {
            $($(#[$doc])* #[serde(rename = $name)] $variant($request),)*
        }

        /// The answer to one request, under the same name. Serialises as the bare answer.
        #[derive(Clone, Debug, Serialize)]
        #[serde(untagged)]
        pub enum Answer {
            $($(#[$doc])* $variant($answer),)*
        }

        $(
            impl Request for $request {
                type Answer = $answer;
                fn unwrap_answer(answer: Answer) -> Option<$answer> {
                    match answer { Answer::$variant(answer) => Some(answer), _ => None }
                }
            }
            impl From<$request> for Command {
                fn from(request: $request) -> Self { Self::$variant(request) }
            }
        )*

        impl Command {
            /// Every command's name, in order.
            pub const NAMES: &[&str] = &[$($name),*];

            /// Returns the command's name.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }

            /// Reads this command's answer back from the control socket's JSON.
            pub fn read_answer(&self, answer: serde_json::Value) -> Result<Answer, serde_json::Error> {
                Ok(match self { $(Self::$variant(_) => Answer::$variant(serde_json::from_value(answer)?),)* })
            }
        }

        /// The `Commands` map of the generated TypeScript: name, request and answer of every command.
        fn typescript_commands(config: &ts_rs::Config) -> String {
            use ts_rs::TS;
            let mut text = String::from("export interface Commands {\n");
            $(text += &format!("  {:?}: [{}, {}];\n", $name, $request::name(config), $answer::name(config));)*
            text + "}\n"
        }
    };
}

commands! {
    /// Makes a new person with this device as the first.
    "init" Init(Init) -> Initialised;
    /// The whole state of this hub.
    "status" Status(StatusRequest) -> Status;
    /// Ends a running hub cleanly.
    "stop" Stop(Stop) -> Done;
    /// Reads cards into the book.
    "import" Import(Import) -> Imported;
    /// Looks at a file before it is imported.
    "import.look" ImportLook(ImportLook) -> ImportLooked;
    /// Takes back the last import made on this device.
    "import.undo" ImportUndo(ImportUndo) -> Undone;
    /// Stops imports that are under way; what came in until then stays, to be kept or taken back.
    "import.stop" ImportStop(ImportStop) -> Done;
    /// Writes the book, or some contacts, to a file.
    "export" Export(Export) -> Exported;
    /// One page of the list, sorted by name, or the best matches first.
    "contacts.list" ContactsList(ContactsList) -> ContactsPage;
    /// One contact as a card.
    "contacts.show" ContactsShow(ContactsShow) -> Card;
    /// Makes a contact.
    "contacts.add" ContactsAdd(ContactsAdd) -> ContactId;
    /// Edits my layer of a contact: all of it is one change.
    "contacts.edit" ContactsEdit(ContactsEdit) -> ContactId;
    /// Settles a property that two devices changed at the same time.
    "contacts.choose" ContactsChoose(ContactsChoose) -> ContactId;
    /// Puts contacts into the trash.
    "contacts.trash" ContactsTrash(ContactsTrash) -> Counted;
    /// Takes contacts out of the trash.
    "contacts.restore" ContactsRestore(ContactsRestore) -> Counted;
    /// Takes back the last change made on this device.
    "contacts.undo" ContactsUndo(ContactsUndo) -> Undone;
    "contacts.redo" ContactsRedo(ContactsRedo) -> Undone;
    /// One field back from history.
    "contacts.revert" ContactsRevert(ContactsRevert) -> ContactId;
    /// Hides a value of another layer, or shows it again.
    "contacts.hide" ContactsHide(ContactsHide) -> ContactId;
    /// Contacts that may be the same.
    "contacts.duplicates" ContactsDuplicates(ContactsDuplicates) -> Duplicates;
    /// Says that two contacts are two.
    "contacts.apart" ContactsApart(ContactsApart) -> Done;
    /// Makes one contact of two.
    "contacts.merge" ContactsMerge(ContactsMerge) -> Merged;
    /// Makes contacts favourites, or no longer.
    "contacts.favourite" ContactsFavourite(ContactsFavourite) -> Counted;
    /// One edit of many contacts.
    "contacts.edit_many" ContactsEditMany(ContactsEditMany) -> EditedMany;
    /// Who shares a home with a contact, and who names whom.
    "contacts.around" ContactsAround(ContactsAround) -> Around;
    /// Where contacts say what was looked for.
    "contacts.matches" ContactsMatches(ContactsMatches) -> Matches;
    /// The birthdays to come.
    "contacts.birthdays" ContactsBirthdays(ContactsBirthdays) -> Birthdays;
    /// A mail address for each of many contacts.
    "contacts.mails" ContactsMails(ContactsMails) -> Mails;
    /// A contact as a QR code.
    "contacts.qr" ContactsQr(ContactsQr) -> ContactQr;
    /// Reads QR codes from a picture or the screen.
    "qr.scan" QrScan(QrScan) -> QrFound;
    /// Deletions that wait for a person.
    "held.list" HeldList(HeldList) -> HeldAll;
    /// Carries a waiting deletion out.
    "held.apply" HeldApply(HeldApply) -> HeldApplied;
    /// Forgets a waiting deletion.
    "held.discard" HeldDiscard(HeldDiscard) -> Counted;
    /// The connected accounts.
    "accounts.list" AccountsList(AccountsList) -> Accounts;
    /// Connects an account.
    "accounts.add" AccountsAdd(AccountsAdd) -> AccountSynced;
    /// Reads an account again.
    "accounts.sync" AccountsSync(AccountsSync) -> AccountSynced;
    /// Disconnects an account.
    "accounts.remove" AccountsRemove(AccountsRemove) -> Counted;
    /// How often this device makes a backup, and where.
    "backup.every" BackupEvery(BackupEvery) -> BackupPlan;
    /// Makes a backup.
    "backup.now" BackupNow(BackupNow) -> Generation;
    /// The backups in the folder.
    "backup.list" BackupList(BackupList) -> Generations;
    /// Whether the book changed since the last backup, and what is set.
    "backup.check" BackupCheck(BackupCheck) -> BackupPlan;
    /// Proves that a backup can be restored.
    "backup.drill" BackupDrill(BackupDrill) -> BackupDrilled;
    /// Has a file or folder of the person's go along, or no longer.
    "backup.include" BackupInclude(BackupInclude) -> BackupPlan;
    /// Brings back from a backup; an empty folder becomes a new device of the restored person.
    "restore" Restore(Restore) -> Restored;
    /// Erases everything on this device.
    "erase" Erase(Erase) -> Erased;
    /// The settings.
    "settings.show" SettingsShow(SettingsShow) -> Settings;
    /// Changes settings.
    "settings.set" SettingsSet(SettingsSet) -> Settings;
    /// All groups, or all tags.
    "groups.list" GroupsList(GroupsList) -> Groups;
    /// Makes a group or a tag.
    "groups.add" GroupsAdd(GroupsAdd) -> GroupId;
    /// Renames a group or a tag.
    "groups.rename" GroupsRename(GroupsRename) -> GroupId;
    /// Removes a group or a tag; its contacts stay.
    "groups.remove" GroupsRemove(GroupsRemove) -> GroupId;
    /// Puts contacts into a group, or tags them.
    "groups.put" GroupsPut(GroupsPut) -> Counted;
    /// Takes contacts out of a group, or removes a tag from them.
    "groups.take" GroupsTake(GroupsTake) -> Counted;
    /// Opens pairing for ten minutes and shows the code.
    "pair.show" PairShow(PairShow) -> PairCode;
    /// Closes pairing again; on a device that is joining, stops that.
    "pair.close" PairClose(PairClose) -> Done;
    /// Joins the person whose device shows this code; answers when that device has approved or refused.
    "pair.enter" PairEnter(PairEnter) -> DeviceJoined;
    /// The devices that entered the code and wait for a yes.
    "pair.pending" PairPending(PairPending) -> PendingDevices;
    /// Lets a device in.
    "pair.approve" PairApprove(PairApprove) -> Done;
    /// Turns a device away.
    "pair.refuse" PairRefuse(PairRefuse) -> Done;
    /// This person's devices.
    "devices.list" DevicesList(DevicesList) -> Devices;
    /// What was settled because a data folder had been copied or rolled back.
    "devices.copies" DevicesCopies(DevicesCopies) -> Copies;
    /// Why a device is not found: the cause and the remedy.
    "doctor" Doctor(Doctor) -> Findings;
    /// Removes another device.
    "devices.revoke" DevicesRevoke(DevicesRevoke) -> DeviceRevoked;
    /// Removes a device that was lost or stolen, and renews what it knew.
    "devices.lost" DevicesLost(DevicesLost) -> DeviceLost;
    /// Checks a recovery code.
    "recovery.check" RecoveryCheck(RecoveryCheck) -> RecoveryChecked;
    /// What is printed with the recovery code.
    "recovery.sheet" RecoverySheet(RecoverySheet) -> RecoveryPrint;
    /// Opens the next epoch of the roster by the recovery code.
    "recovery.open" RecoveryOpen(RecoveryOpen) -> RecoveryOpened;
    /// My card, and what is said about sharing it.
    "me.show" MeShow(MeShow) -> MyCard;
    /// Edits my card.
    "me.edit" MeEdit(MeEdit) -> MyCard;
    /// Says from when a property of my card holds.
    "me.from" MeFrom(MeFrom) -> MyCard;
    /// Takes a property of my card back, with its former values.
    "me.withdraw" MeWithdraw(MeWithdraw) -> MyCard;
    /// Says who may see a property of my card.
    "me.visible" MeVisible(MeVisible) -> MyCard;
    /// The other shared items.
    "items.list" ItemsList(ItemsList) -> Items;
    /// Makes a shared item.
    "items.add" ItemsAdd(ItemsAdd) -> ItemId;
    /// Changes a shared item.
    "items.set" ItemsSet(ItemsSet) -> ItemId;
    /// Removes a shared item, and withdraws it.
    "items.remove" ItemsRemove(ItemsRemove) -> ItemId;
    /// Makes an invitation.
    "link.invite" LinkInvite(LinkInvite) -> LinkInvited;
    /// Withdraws an invitation.
    "link.cancel" LinkCancel(LinkCancel) -> Done;
    /// Accepts an invitation.
    "link.accept" LinkAccept(LinkAccept) -> LinkAccepted;
    /// The linked persons.
    "link.list" LinkList(LinkList) -> Links;
    /// Words by which two persons make sure of each other.
    "link.words" LinkWords(LinkWords) -> LinkWordsShown;
    /// Says that the words were compared.
    "link.verify" LinkVerify(LinkVerify) -> LinkId;
    /// Ends a link.
    "link.remove" LinkRemove(LinkRemove) -> LinkId;
    /// Says whether somebody shares my home.
    "link.household" LinkHousehold(LinkHousehold) -> LinkId;
    /// Stops everything with somebody.
    "link.block" LinkBlock(LinkBlock) -> LinkId;
    /// Hides what somebody does.
    "link.mute" LinkMute(LinkMute) -> LinkId;
    /// Says which contact a person is.
    "link.attach" LinkAttach(LinkAttach) -> LinkId;
    /// What of a household's cards could follow a change.
    "household.list" HouseholdList(HouseholdList) -> HouseholdProposals;
    /// Answers one of these.
    "household.answer" HouseholdAnswer(HouseholdAnswer) -> Done;
    /// Whom an audience means, and what they would get.
    "audience" AudienceShow(AudienceShow) -> AudiencePreview;
    /// Sends my card, or another item.
    "update.send" UpdateSend(UpdateSend) -> UpdateSent;
    /// Keeps an audience, to which later changes go by themselves.
    "update.keep" UpdateKeep(UpdateKeep) -> Standing;
    /// When updates leave for it.
    "update.when" UpdateWhen(UpdateWhen) -> Standing;
    /// A message for somebody without Kith.
    "update.letter" UpdateLetter(UpdateLetter) -> ReadyLetter;
    /// Who has which version.
    "ledger" LedgerShow(LedgerShow) -> Ledger;
    /// Asks persons for news now.
    "ask" Ask(Ask) -> Asked;
    /// What becomes of updates that arrive.
    "policy.set" PolicySet(PolicySet) -> Policies;
    /// Whether senders hear what became of their updates.
    "policy.tell" PolicyTell(PolicyTell) -> Policies;
    /// The policies.
    "policy.show" PolicyShow(PolicyShow) -> Policies;
    /// Updates that wait for an answer.
    "inbox.list" InboxList(InboxList) -> Inbox;
    /// Accepts an update.
    "inbox.accept" InboxAccept(InboxAccept) -> Decided;
    /// Puts an update off.
    "inbox.later" InboxLater(InboxLater) -> Decided;
    /// Refuses an update.
    "inbox.refuse" InboxRefuse(InboxRefuse) -> Decided;
    /// Takes an accepted update back.
    "inbox.undo" InboxUndo(InboxUndo) -> Decided;
    /// Quiet hours, and whether the network is metered.
    "notify.show" NotifyShow(NotifyShow) -> Notify;
    /// Sets them.
    "notify.set" NotifySet(NotifySet) -> Notify;
    /// What is to be shown as a notification now.
    "notify.due" NotifyDue(NotifyDue) -> NoticeDue;
    /// Says that a notification was shown.
    "notify.shown" NotifyShown(NotifyShown) -> Done;
    /// Sends one contact of mine to a linked person.
    "give" Give(Give) -> UpdateSent;
    /// Reads call logs, messages and mails.
    "interactions.import" InteractionsImport(InteractionsImport) -> InteractionsImported;
    /// Has a folder of them read whenever it changes.
    "interactions.watch" InteractionsWatch(InteractionsWatch) -> InteractionsWatched;
    /// Notes one by hand.
    "interactions.add" InteractionsAdd(InteractionsAdd) -> Done;
    /// With whom there was most to do.
    "interactions.top" InteractionsTop(InteractionsTop) -> InteractionCounts;
    /// What changed.
    "activity" ActivityShow(ActivityShow) -> Activity;
    /// Who and what can see or change my things.
    "safety" SafetyShow(SafetyShow) -> Safety;
}
