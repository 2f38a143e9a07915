//! The few things a journal asks of a disk, about files of one folder by their plain names, so that the same journal
//! runs on a real folder and on one whose kills, power losses and full disks are drawn by a seed.

mod folder;
mod simulated;

pub use folder::FolderDisk;
pub use simulated::SimulatedDisk;

use std::fmt::Debug;
use std::io;

/// The files of one folder.
pub trait Disk: Send + Sync + Debug {
    /// Where it is, for people.
    fn place(&self) -> String;

    /// The names of all files, in any order.
    ///
    /// # Errors
    /// What the system said.
    fn list(&self) -> io::Result<Vec<String>>;

    /// A whole file.
    ///
    /// # Errors
    /// What the system said.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;

    /// Makes a new, empty file. A fault of an earlier sync is forgotten: it was about another file.
    ///
    /// # Errors
    /// What the system said; among it that the file is there.
    fn create(&self, name: &str) -> io::Result<()>;

    /// Writes bytes at the end of a file with one `write(2)`. They survive a kill of the process from then on.
    ///
    /// # Errors
    /// What the system said, also where only part of the bytes was written; and the fault of an earlier sync.
    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Cuts a file to a length.
    ///
    /// # Errors
    /// What the system said.
    fn truncate(&self, name: &str, length: u64) -> io::Result<()>;

    /// Removes a file. After a power loss it may be back, until the next [`Disk::sync`].
    ///
    /// # Errors
    /// What the system said.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Waits until a file and the names in the folder are on the disk itself, and survive a loss of power.
    ///
    /// # Errors
    /// What the system said.
    fn sync(&self, name: &str) -> io::Result<()>;

    /// Has the file's bytes brought to the disk itself before long, and returns at once.
    fn sync_soon(&self, name: &str);

    /// Whether every sync so far succeeded.
    ///
    /// # Errors
    /// The fault of the one that didn't.
    fn health(&self) -> io::Result<()>;
}
