//! The threads that a hub runs on.

use std::io;
use tokio::runtime::{Builder, Runtime};

/// Returns a runtime for a program that carries a hub: one worker, beside the store's writer and the threads that read
/// while somebody looks. What a hub does in between is one loop and its connections; a second worker would be woken with
/// the first one at each timer, which is most of what a hub at rest costs.
///
/// # Errors
/// The system gives no thread.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(1).enable_all().build()
}
