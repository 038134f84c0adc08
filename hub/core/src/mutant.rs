//! Faults planted in the product's own lines, so that the simulator can show that it would notice them (quality R8).
//!
//! `mutant!(Name)` stands in the line that it breaks and says whether that fault is planted; `mutant!(Name => act)` is a
//! line of its own. They are `false`, and nothing, in every build but those with the feature `mutants`, which only the
//! simulator asks for; there they ask what this thread has chosen. A build without debug assertions refuses the feature:
//! what is released or measured never holds a mutant.

/// Whether a fault is planted in this line, or what the fault does.
#[cfg(feature = "mutants")]
macro_rules! mutant {
    ($name:ident) => {
        $crate::mutant::is_chosen($crate::mutant::Mutant::$name)
    };
    ($name:ident $(if $condition:expr)? => $act:expr) => {
        if mutant!($name) $(&& $condition)? {
            $act;
        }
    };
}

/// Whether a fault is planted in this line: never, in this build.
#[cfg(not(feature = "mutants"))]
macro_rules! mutant {
    ($name:ident) => {
        false
    };
    ($name:ident $(if $condition:expr)? => $act:expr) => {};
}

#[cfg(feature = "mutants")]
pub use planted::{Mutant, choose, is_chosen};

#[cfg(feature = "mutants")]
mod planted {
    use std::cell::Cell;

    #[cfg(not(debug_assertions))]
    compile_error!("the feature `mutants` is for the simulator: build without it, or with debug assertions");

    /// A fault in one line of the product.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Mutant {
        /// A write drops what has an older clock, though it has not seen it: last writer wins.
        ClockWins,
        /// A write with an older clock than what stands is not taken in.
        OlderClockSkipped,
        /// A write that was merged before counts again.
        AppliedTwice,
        /// Removals are not taken in.
        TombstoneSkipped,
        /// Numbers are given twice.
        NumberReused,
        /// A write names what the replica vouches for as seen, not what its register has seen.
        SeenFromVector,
        /// Taking a contact out of the trash leaves what stood there in the book's hash.
        RestoreUnhashed,
        /// History names another change than the one that replaced a value.
        HistoryMisnamed,
        /// What lives no more is handed on.
        ReplacedKept,
        /// V follows the changes taken in, not only the end of a session.
        VectorFollowsChanges,
        /// A push raises V across a gap.
        GapIgnored,
        /// A batch moves the cursor past a change that did not fit.
        CursorAhead,
        /// A session leaves out what the sender does not vouch for.
        UnvouchedWithheld,
        /// A delivery is acknowledged before it is durable.
        AckBeforeCommit,
        /// A push is counted as sent, and is not.
        PushUnsent,
        /// A purge wins over a contact that was kept at the same time.
        PurgeBeatsAlive,
        /// Whether a contact is in the trash is decided by the clock.
        TrashByClock,
        /// A device that was removed stays in the roster.
        RemovalIgnored,
        /// What a removed device added stays in the roster.
        ChainIgnored,
        /// A roster entry that comes before its signer is forgotten.
        EntryOrderMatters,
        /// Two changes that bear one number are taken for one.
        CopyNotNoticed,
        /// An invitation is good for several persons.
        InvitationReused,
        /// A link that was ended goes on.
        EndIgnored,
        /// A card is cut without asking who may see what.
        VisibilityIgnored,
        /// Publications made at once are merged by cutting the card anew.
        MergedAnew,
        /// Publications are numbered from 1 again.
        NumberRepeated,
        /// An older publication replaces a newer one.
        OlderTaken,
        /// A person's removed device is served on.
        RevokedServed,
        /// Cards are exchanged before rosters are.
        RosterUnheard,
        /// Updates are taken though somebody wants to be asked.
        AskIgnored,
        /// The first card of somebody unknown is taken unasked.
        StrangerTaken,
        /// What one own device accepted is shown though another refused it.
        RefusedShown,
        /// What was taken back comes again unasked.
        UndoForgets,
    }

    impl Mutant {
        /// Those of the simulator of devices.
        pub const ALL: [Self; 21] = [
            Self::ClockWins,
            Self::OlderClockSkipped,
            Self::AppliedTwice,
            Self::TombstoneSkipped,
            Self::NumberReused,
            Self::SeenFromVector,
            Self::RestoreUnhashed,
            Self::HistoryMisnamed,
            Self::ReplacedKept,
            Self::VectorFollowsChanges,
            Self::GapIgnored,
            Self::CursorAhead,
            Self::UnvouchedWithheld,
            Self::AckBeforeCommit,
            Self::PushUnsent,
            Self::PurgeBeatsAlive,
            Self::TrashByClock,
            Self::RemovalIgnored,
            Self::ChainIgnored,
            Self::EntryOrderMatters,
            Self::CopyNotNoticed,
        ];

        /// Those of the simulator of persons.
        pub const PEOPLE: [Self; 12] = [
            Self::InvitationReused,
            Self::EndIgnored,
            Self::VisibilityIgnored,
            Self::MergedAnew,
            Self::NumberRepeated,
            Self::OlderTaken,
            Self::RevokedServed,
            Self::RosterUnheard,
            Self::AskIgnored,
            Self::StrangerTaken,
            Self::RefusedShown,
            Self::UndoForgets,
        ];
    }

    thread_local! {
        static CHOSEN: Cell<Option<Mutant>> = const { Cell::new(None) };
    }

    /// Plants a fault for what this thread does from now on; `None` takes it out.
    pub fn choose(mutant: Option<Mutant>) {
        CHOSEN.set(mutant);
    }

    /// Whether this thread has chosen the fault.
    pub fn is_chosen(mutant: Mutant) -> bool {
        CHOSEN.get() == Some(mutant)
    }
}
