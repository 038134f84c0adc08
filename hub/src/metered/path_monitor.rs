//! macOS's word on it: whether the way to the internet is expensive (a mobile network, a phone's hotspot) or constrained (Low
//! Data Mode), as a path monitor of the Network framework tells it: first when it starts, then at each change.

use super::Verdict;
use block2::{Block, RcBlock};
use std::{
    convert::Infallible,
    ffi::{c_int, c_void},
};
use tokio::sync::watch;

/// Tells it until nobody listens.
pub(super) async fn watch(tell: &(impl Fn(Verdict) -> bool + Send + Sync)) -> Result<(), Infallible> {
    let (said, mut hears) = watch::channel(Verdict::Unknown);
    let _monitor = Monitor::start(move |verdict| {
        said.send_replace(verdict);
    });
    let mut told = None;
    loop {
        let verdict = *hears.borrow_and_update();
        if told.replace(verdict) != Some(verdict) && !tell(verdict) {
            return Ok(());
        }
        if hears.changed().await.is_err() {
            return Ok(());
        }
    }
}

/// A path monitor that runs until it is dropped.
struct Monitor(*mut c_void);

// SAFETY: objects of the Network framework may be used from any thread.
unsafe impl Send for Monitor {}

impl Monitor {
    /// Has a queue of the system call `tell` with each path.
    fn start(tell: impl Fn(Verdict) + Send + Sync + 'static) -> Self {
        let handler: RcBlock<dyn Fn(*mut c_void)> = RcBlock::new(move |path| tell(verdict(path)));
        // SAFETY: the monitor is ours until it is released; it keeps copies of the handler, which may run on any thread, and
        // of the queue, which lives as long as the process.
        unsafe {
            let monitor = nw_path_monitor_create();
            nw_path_monitor_set_update_handler(monitor, &handler);
            nw_path_monitor_set_queue(monitor, dispatch_get_global_queue(QOS_CLASS_UTILITY, 0));
            nw_path_monitor_start(monitor);
            Self(monitor)
        }
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        // SAFETY: it was created, and is released once.
        unsafe {
            nw_path_monitor_cancel(self.0);
            nw_release(self.0);
        }
    }
}

fn verdict(path: *mut c_void) -> Verdict {
    // SAFETY: the handler's path lives as long as the handler runs.
    let (status, costs) =
        unsafe { (nw_path_get_status(path), nw_path_is_expensive(path) || nw_path_is_constrained(path)) };
    match (status, costs) {
        (SATISFIED, true) => Verdict::Metered,
        (SATISFIED, false) => Verdict::Unmetered,
        _ => Verdict::Unknown,
    }
}

#[link(name = "Network", kind = "framework")]
unsafe extern "C" {
    fn nw_path_monitor_create() -> *mut c_void;
    fn nw_path_monitor_set_update_handler(monitor: *mut c_void, handler: &Block<dyn Fn(*mut c_void)>);
    fn nw_path_monitor_set_queue(monitor: *mut c_void, queue: *mut c_void);
    fn nw_path_monitor_start(monitor: *mut c_void);
    fn nw_path_monitor_cancel(monitor: *mut c_void);
    fn nw_path_get_status(path: *mut c_void) -> c_int;
    fn nw_path_is_expensive(path: *mut c_void) -> bool;
    fn nw_path_is_constrained(path: *mut c_void) -> bool;
    fn nw_release(object: *mut c_void);
}

// In the system's own library, which everything is linked with.
unsafe extern "C" {
    fn dispatch_get_global_queue(identifier: isize, flags: usize) -> *mut c_void;
}

/// `nw_path_status_satisfied`: the path is there.
const SATISFIED: c_int = 1;
/// `QOS_CLASS_UTILITY`: nobody waits for it.
const QOS_CLASS_UTILITY: isize = 0x11;
