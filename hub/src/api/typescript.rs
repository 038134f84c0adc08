//! The TypeScript of the command list, written to `ui/src/api/types.ts` and checked in.

use super::{
    Code, CopiedDevice, Copies, DevicesCopies, Doctor, Error, Event, Finding, FindingCode, Findings, Secret, backup::*,
    devices::*, types::*, typescript_commands,
};
use ts_rs::{Config, TS};

/// Returns the whole generated file.
pub fn typescript() -> String {
    let config = Config::default();
    let mut text = String::from(HEADER);
    macro_rules! declare {
        ($($name:ident),* $(,)?) => { $(text += &format!("\nexport {}\n", $name::decl(&config));)* };
    }
    declare!(
        Code,
        Error,
        Event,
        GroupKind,
        Done,
        Init,
        Initialised,
        StatusRequest,
        Status,
        Named,
        BookState,
        Peer,
        BackupState,
        Secret,
        BackupEvery,
        BackupPlan,
        BackupNow,
        Generation,
        BackupList,
        Generations,
        BackupCheck,
        BackupDrill,
        BackupDrilled,
        BackupInclude,
        Restore,
        Restored,
        RestoredContact,
        RestoredField,
        Stop,
        Import,
        ImportFile,
        ColumnMeaning,
        Imported,
        ImportedFile,
        ImportRow,
        ImportFailure,
        ImportLook,
        ImportLooked,
        ImportColumn,
        ImportField,
        ImportUndo,
        Export,
        Exported,
        ContactsQr,
        ContactQr,
        QrScan,
        QrFound,
        QrText,
        ContactsList,
        ContactsPage,
        ContactRow,
        Letter,
        ContactsShow,
        Card,
        CardProperty,
        OtherValue,
        HistoryEntry,
        ContactsRevert,
        ContactsHide,
        ContactsDuplicates,
        Duplicates,
        DuplicatePair,
        ContactsApart,
        ContactsMerge,
        MergeChoice,
        Merged,
        MergeField,
        HeldList,
        HeldAll,
        Held,
        HeldApply,
        HeldApplied,
        HeldDiscard,
        AccountsList,
        Accounts,
        Account,
        AccountsAdd,
        AccountsSync,
        AccountSynced,
        AccountsRemove,
        SettingsShow,
        SettingsSet,
        Settings,
        ContactsAdd,
        ContactId,
        ContactsEdit,
        PropertyEdit,
        ContactsChoose,
        ContactsTrash,
        ContactsRestore,
        Counted,
        ContactsUndo,
        Undone,
        GroupsList,
        Groups,
        Group,
        GroupsAdd,
        GroupId,
        GroupsRename,
        GroupsRemove,
        GroupsPut,
        GroupsTake,
        PairShow,
        PairCode,
        PairClose,
        PairEnter,
        DeviceJoined,
        PairPending,
        PendingDevices,
        PendingDevice,
        PairApprove,
        PairRefuse,
        DevicesList,
        DevicesCopies,
        Copies,
        CopiedDevice,
        Devices,
        Device,
        Doctor,
        Findings,
        Finding,
        FindingCode,
        DevicesRevoke,
        DeviceRevoked,
        DevicesLost,
        DeviceLost,
        Renewed,
        FinderReads,
        RecoveryCheck,
        RecoveryChecked,
        RecoverySheet,
        RecoveryPrint,
        RecoveryOpen,
        RecoveryOpened,
        RemovedDevice,
    );
    text += "\n/** Every command: its request and its answer. */\n";
    text += &typescript_commands(&config);
    text
}

const HEADER: &str = "// Generated from the hub's command list by `cargo xtask types`. Do not edit.\n";

#[cfg(test)]
mod tests {
    #[test]
    fn the_checked_in_typescript_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/api/types.ts");
        let fresh = super::typescript();
        if std::env::var_os("KITH_WRITE_TYPES").is_some() {
            std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
            std::fs::write(path, &fresh).unwrap();
        }
        let checked_in = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(checked_in, fresh, "run `cargo xtask types`");
    }
}
