//! Restoring: an empty folder becomes a new device of the restored person; a book in use gets back what it lacks.

mod anew;
mod differences;
mod on_top;
