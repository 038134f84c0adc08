//! The command line of the app: where the data is, and what tests need to keep several apps apart.

use clap::Parser;
use kith_hub::{HubOptions, KeyOptions, KeyPlace};
use std::{env, net::SocketAddr, path::PathBuf};

/// An address book that keeps itself up to date.
#[derive(Debug, Parser)]
#[command(name = "kith", version)]
pub(crate) struct Options {
    /// The data folder: one folder is one person's device [env: KITH_DATA]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where to listen for other devices
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// Where the device's keys are kept: os or file; keys that are elsewhere move there
    #[arg(long, value_parser = place, value_name = "PLACE")]
    keys: Option<KeyPlace>,
    /// Leave mDNS alone
    #[arg(long)]
    no_mdns: bool,
    /// An address to dial without having been told by mDNS
    #[arg(long = "peer", value_name = "ADDR:PORT")]
    peers: Vec<SocketAddr>,
    /// Start without showing the window
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Files of contacts, and tel: or mailto: links, to open
    #[arg(value_name = "FILE|LINK")]
    pub(crate) open: Vec<String>,
}

impl Options {
    /// Returns the data folder, if the person named one.
    pub(crate) fn named_folder(&self) -> Option<PathBuf> {
        let named = self.data.clone().or_else(|| env::var_os("KITH_DATA").map(PathBuf::from))?;
        Some(std::path::absolute(&named).unwrap_or(named))
    }

    /// Returns what the hub has to know.
    pub(crate) fn hub(&self) -> HubOptions {
        // Where the user has no home, the current folder must do.
        let folder = self.named_folder().or_else(kith_hub::default_folder).unwrap_or_else(|| "kith".into());
        HubOptions {
            folder: std::path::absolute(&folder).unwrap_or(folder),
            keys: KeyOptions { place: self.keys.unwrap_or(KeyPlace::Any), passphrase_file: None },
            listen: self.listen,
            no_mdns: self.no_mdns,
            peers: self.peers.clone(),
            offline: false,
        }
    }
}

fn place(text: &str) -> Result<KeyPlace, &'static str> {
    match text {
        "os" => Ok(KeyPlace::Os),
        "file" => Ok(KeyPlace::File),
        _ => Err("os or file"),
    }
}
