//! What the desktop is told: a device that asks to join, and, as one notification however much it is, what waits for an
//! answer. The hub decides what is due, and when; the answers go to the hub.

use crate::{
    answer::Answer,
    desktop::{Desktop, Heard, Leads},
    window,
};
use kith_hub::{
    Hub,
    api::{DevicesList, Event, NotifyDue, NotifyShown},
};
use tauri::{AppHandle, Manager};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Tells the desktop what there is to tell, and hears what is answered.
pub(crate) async fn follow(app: AppHandle, hub: Hub, mut events: Receiver<Event>) {
    let (desktop, mut heard) = Desktop::connect().await;
    app.manage(desktop);
    let desktop = app.state::<Desktop>();
    show_due(&app, &hub, &desktop, false).await;
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Ok(Event::PairAsked { device }) => {
                    let title = format!("{} wants to join", device.name);
                    desktop.notify(&title, &format!("Same words on both: {}", device.words)).await;
                }
                Ok(Event::NoticeChanged | Event::SetUp | Event::Erased) | Err(RecvError::Lagged(_)) => {
                    show_due(&app, &hub, &desktop, false).await;
                }
                Ok(_) => {}
                Err(RecvError::Closed) => return,
            },
            Some(heard) = heard.recv() => match heard {
                Heard::Look(Leads::ToTheWindow) => window::show(&app),
                Heard::Look(Leads::ToTheInbox) => window::show_page(&app, "inbox"),
                Heard::Answer(answer) => decide(answer, &hub, &desktop).await,
                Heard::Lost => show_due(&app, &hub, &desktop, true).await,
            },
        }
    }
}

/// Shows what is due now, or withdraws what is not any more. `again`: what was shown is not shown any longer.
async fn show_due(app: &AppHandle, hub: &Hub, desktop: &Desktop, again: bool) {
    let in_use = window::is_in_use(app) || is_alone(hub).await;
    let Ok(due) = hub.ask(NotifyDue { in_use }).await else { return };
    let fresh = due.notice.as_ref().is_some_and(|notice| notice.fresh);
    let shown = desktop.show_waiting(due.notice.as_ref(), fresh || again).await;
    if let Some(notice) = due.notice.filter(|_| fresh && shown)
        && let Err(error) = hub.ask(NotifyShown { keys: notice.keys }).await
    {
        tracing::warn!("a notification may be shown twice: {error}");
    }
}

/// Whether no other device of the person is there, which might be the one in use, and be the first to tell.
async fn is_alone(hub: &Hub) -> bool {
    let Ok(answer) = hub.ask(DevicesList {}).await else { return true };
    answer.devices.iter().all(|device| device.this || device.path == "none")
}

/// Gives an answer to the hub, and says so if it cannot be carried out.
pub(crate) async fn decide(answer: Answer, hub: &Hub, desktop: &Desktop) {
    if let Err(error) = answer.give(hub).await {
        desktop.notify("That answer did not count", &error.message).await;
    }
}
