//! `run`: the hub in the foreground.

use super::print;
use kith_hub::{
    Hub, HubOptions,
    api::{Code, Error, StatusRequest},
};
use tokio::signal;

/// Runs until SIGINT, SIGTERM or `stop`. Prints one ready line, then nothing more on standard output.
pub(crate) async fn run(options: HubOptions, json: bool) -> Result<(), Error> {
    let hub = Hub::start(options).await?;
    let status = match hub.ask(StatusRequest::default()).await {
        Ok(status) => status,
        Err(error) => {
            hub.stop().await;
            return Err(error);
        }
    };
    let listen = status.listen.unwrap_or_default();
    if json {
        print::json(&serde_json::json!({ "ready": true, "listen": listen, "device_id": status.device.id }));
    } else {
        println!("{} is ready, listening on {listen}", status.device.name);
    }
    tokio::select! {
        () = hub.ended() => {}
        ended = asked_to_end() => {
            ended.map_err(|error| Error::new(Code::Internal, format!("signals cannot be received: {error}")))?;
        }
    }
    hub.stop().await;
    Ok(())
}

#[cfg(unix)]
async fn asked_to_end() -> std::io::Result<()> {
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn asked_to_end() -> std::io::Result<()> {
    signal::ctrl_c().await
}
