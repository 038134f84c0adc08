//! A small disk of its own for a device's folder, to be filled and emptied (Linux, root).

use super::{Device, skip};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// A file system of a few MiB in memory. It goes when it is dropped; drop it before the device.
#[derive(Debug)]
pub struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// Puts the folder of a device that was not set up yet on a disk of its own. `None`, after the skip is announced,
    /// where nothing may be mounted.
    pub fn under(device: &Device, bytes: u64, story: &str) -> Option<Self> {
        let at = device.folder();
        fs::create_dir(&at).expect("the folder is not there yet");
        let size = format!("size={bytes},mode=0700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "kith-story"]).arg(&at).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self { at });
        }
        skip(&format!("{story}: it needs a disk of its own, that is Linux and root"));
        None
    }

    /// Fills the disk to the last byte.
    pub fn fill(&self) {
        let mut ballast = File::options().create(true).append(true).open(self.ballast()).expect("a file");
        for block in [64 << 10, 4 << 10, 1] {
            while ballast.write_all(&vec![7; block]).is_ok() {}
        }
    }

    /// Makes room for this many bytes more.
    pub fn make_room(&self, bytes: u64) {
        let ballast = File::options().write(true).open(self.ballast()).expect("the disk was filled");
        let length = ballast.metadata().expect("a file").len();
        ballast.set_len(length.saturating_sub(bytes)).expect("a file can be cut");
    }

    /// Makes all the room there is.
    pub fn empty(&self) {
        fs::remove_file(self.ballast()).expect("the disk was filled");
    }

    fn ballast(&self) -> PathBuf {
        self.at.join("somebody-elses-files")
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.at
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A disk that is still in use goes when it is not.
        let _gone = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}
