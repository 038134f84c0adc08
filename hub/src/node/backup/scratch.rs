//! The place where backups are put together and opened.

use super::folder_error;
use crate::{api::Error, folder::SCRATCH};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder for what must not be seen before it is whole. It goes when this is dropped, and when the next one is made.
#[derive(Debug)]
pub(in crate::node) struct Scratch(PathBuf);

impl Scratch {
    /// Makes an empty one within the data folder, which is private.
    pub(in crate::node) fn new(data: &Path) -> Result<Self, Error> {
        Self::clear(data);
        let path = data.join(SCRATCH);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(|error| folder_error(&path, &error))?;
        Ok(Self(path))
    }

    /// Removes what was left when one was cut off.
    pub(in crate::node) fn clear(data: &Path) {
        match fs::remove_dir_all(data.join(SCRATCH)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, "what was left of a backup cannot be removed");
            }
            _ => {}
        }
    }

    pub(in crate::node) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is removed by the next one, or at the next start.
        let _litter = fs::remove_dir_all(&self.0);
    }
}
