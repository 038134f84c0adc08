//! The words about devices and the recovery code.

use super::secret::read_recovery_code;
use clap::{Args, Subcommand};
use kith_hub::api::{self, Command, Error};

#[derive(Debug, Subcommand)]
pub(crate) enum Devices {
    /// List them.
    List,
    /// Show what was settled because a data folder had been copied or rolled back.
    Copies,
    /// Remove one: from when they learn of it, no device of yours talks to it.
    Revoke(Removal),
    /// Remove one that was lost or stolen, renew what it knew, and say what its finder can read.
    Lost(Removal),
}

#[derive(Debug, Args)]
pub(crate) struct Removal {
    id: String,
    /// Remove the devices that it let in as well.
    #[arg(long)]
    with_added: bool,
    /// Read the recovery code from standard input, so that nothing is left to do.
    #[arg(long)]
    recovery_code: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Recovery {
    /// See whether a code is this person's.
    Check,
    /// Begin a new list of devices: those of now, this one, and the named ones.
    Open {
        /// A removed device that is to be in again.
        #[arg(long, value_name = "ID")]
        with: Vec<String>,
    },
}

impl Devices {
    pub(super) fn command(self) -> Result<Command, Error> {
        Ok(match self {
            Self::List => api::DevicesList {}.into(),
            Self::Copies => api::DevicesCopies {}.into(),
            Self::Revoke(Removal { id, with_added, recovery_code }) => {
                let recovery_code = recovery_code.then(read_recovery_code).transpose()?;
                api::DevicesRevoke { id, with_added, recovery_code }.into()
            }
            Self::Lost(Removal { id, with_added, recovery_code }) => {
                let recovery_code = recovery_code.then(read_recovery_code).transpose()?;
                api::DevicesLost { id, with_added, recovery_code }.into()
            }
        })
    }
}

impl Recovery {
    pub(super) fn command(self) -> Result<Command, Error> {
        Ok(match self {
            Self::Check => api::RecoveryCheck { code: read_recovery_code()? }.into(),
            Self::Open { with } => api::RecoveryOpen { code: read_recovery_code()?, with }.into(),
        })
    }
}
