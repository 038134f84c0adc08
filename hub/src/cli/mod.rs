//! The command line: words to commands of the list, answers to text or JSON, refusals to exit status 1.

mod arguments;
mod backup;
mod contacts;
mod devices;
mod persons;
mod print;
mod print_persons;
mod run;
mod secret;

use arguments::{Arguments, Verb};
use clap::Parser;
use kith_hub::{
    Hub, HubOptions, KeyOptions,
    api::{Answer, Code, Command, Error, Event},
    control, default_folder,
};
use std::{path::PathBuf, process::ExitCode};

/// Reads the arguments and does what they say. 0: done; 1: refused or failed; 2: wrong usage.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("KITH_LOG").unwrap_or_else(|_| "off".into()))
        .init();
    let json = arguments.json;
    let outcome = match kith_hub::runtime() {
        Ok(runtime) => runtime.block_on(execute(arguments)),
        Err(error) => Err(Error::new(Code::Internal, format!("the system gives no threads: {error}"))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if json {
                print::json(&serde_json::json!({ "error": error }));
            } else {
                eprintln!("{}", error.message);
            }
            ExitCode::FAILURE
        }
    }
}

async fn execute(arguments: Arguments) -> Result<(), Error> {
    let folder = match &arguments.data {
        Some(folder) => folder.clone(),
        None => default_folder().ok_or_else(|| {
            Error::new(Code::BadRequest, "There is no home directory to keep data in. Name a folder by --data.")
        })?,
    };
    let keys = arguments.key_options();
    let json = arguments.json;
    if let Verb::Run { listen, no_mdns, peer } = arguments.verb {
        let options = HubOptions { folder, keys, listen, no_mdns, peers: peer, offline: false };
        return run::run(options, json).await;
    }
    if let Verb::Backup(arguments::Backup::Identity) = arguments.verb {
        return backup::identity(json);
    }
    let request = arguments.verb.request()?;
    let answer = carry_out(folder, keys, request.command.clone(), json).await?;
    request.finish(answer, json)
}

/// Sends the command to the hub that runs on the folder, or opens the folder for this one command.
async fn carry_out(folder: PathBuf, keys: KeyOptions, command: Command, json: bool) -> Result<Answer, Error> {
    if let Some(outcome) = control::call(&folder, &command).await {
        return outcome;
    }
    match command {
        Command::Stop(_) => return Err(Error::new(Code::NotRunning, "No hub runs on this folder.")),
        Command::PairShow(_)
        | Command::PairPending(_)
        | Command::PairApprove(_)
        | Command::PairRefuse(_)
        | Command::LinkInvite(_)
        | Command::LinkAccept(_)
        | Command::Ask(_) => {
            let message = "No hub runs on this folder, so no other device could reach it. Start one with `run` first.";
            return Err(Error::new(Code::NotRunning, message));
        }
        _ => {}
    }
    let options = HubOptions { folder: folder.clone(), keys, offline: true, ..HubOptions::default() };
    let hub = match Hub::start(options).await {
        // A hub has begun on the folder in between.
        Err(error) if error.code == Code::InUse => return control::call(&folder, &command).await.unwrap_or(Err(error)),
        started => started?,
    };
    let watcher = tokio::spawn(show_progress(hub.events(), json));
    let outcome = hub.call(command).await;
    hub.stop().await;
    watcher.abort();
    outcome
}

/// Shows what a person at a terminal waits for. Nothing of it goes to standard output.
async fn show_progress(mut events: tokio::sync::broadcast::Receiver<Event>, json: bool) {
    use std::io::IsTerminal;
    let terminal = std::io::stderr().is_terminal() && !json;
    let bar = indicatif::ProgressBar::hidden();
    while let Ok(event) = events.recv().await {
        match event {
            Event::PairWords { words } => {
                eprintln!("The other device asks whether to let this one in. It shows: {words}");
            }
            Event::Progress { done, total, .. } if terminal => {
                if bar.is_hidden() {
                    bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
                }
                bar.set_length(total.into());
                bar.set_position(done.into());
                if done == total {
                    bar.finish_and_clear();
                }
            }
            _ => {}
        }
    }
}
