//! A real folder, for its owner alone. Syncs that nobody waits for are made by one thread, which makes at most one
//! every 50 ms however many are asked for.

use super::Disk;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The shortest time between two syncs in the background.
const SYNC_EVERY: Duration = Duration::from_millis(50);

/// A folder of the file system.
#[derive(Debug)]
pub struct FolderDisk {
    folder: PathBuf,
    /// The file that was last written to.
    open: Mutex<Option<Open>>,
    syncing: Arc<Syncing>,
    /// Started with the first sync that is asked for.
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Open {
    name: String,
    file: Arc<File>,
}

/// What the thread that syncs is told and tells.
#[derive(Debug, Default)]
struct Syncing {
    wanted: Mutex<Wanted>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Wanted {
    file: Option<Arc<File>>,
    fault: Option<(ErrorKind, String)>,
    is_over: bool,
}

/// A panic of another thread leaves these in a state that is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FolderDisk {
    /// The folder, which is made (for its owner alone) where it isn't there.
    ///
    /// # Errors
    /// What the system said.
    pub fn open(folder: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            // The folder's own name has to outlive a power loss as well.
            File::open(parent)?.sync_all()?;
        }
        Ok(Self::at(folder))
    }

    /// The folder as it is, to look at what is in it.
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            open: Mutex::default(),
            syncing: Arc::default(),
            thread: Mutex::default(),
        }
    }

    /// The file to write to; kept open while it is the one.
    fn file(&self, name: &str) -> io::Result<Arc<File>> {
        let mut open = lock(&self.open);
        if let Some(open) = open.as_ref().filter(|open| open.name == name) {
            return Ok(Arc::clone(&open.file));
        }
        let file = Arc::new(OpenOptions::new().append(true).open(self.folder.join(name))?);
        *open = Some(Open { name: name.to_owned(), file: Arc::clone(&file) });
        Ok(file)
    }

    fn start_thread(&self) {
        let mut thread = lock(&self.thread);
        if thread.is_none() {
            let syncing = Arc::clone(&self.syncing);
            let started = std::thread::Builder::new().name("journal".to_owned()).spawn(move || syncing.run());
            match started {
                Ok(started) => *thread = Some(started),
                Err(fault) => lock(&self.syncing.wanted).fault = Some((fault.kind(), fault.to_string())),
            }
        }
    }
}

impl Disk for FolderDisk {
    fn place(&self) -> String {
        self.folder.display().to_string()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        // A name that isn't text is none of ours.
        let names = entries.map(|entry| entry.map(|entry| entry.file_name().into_string().ok()));
        names.filter_map(Result::transpose).collect()
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.folder.join(name))
    }

    fn create(&self, name: &str) -> io::Result<()> {
        let path = self.folder.join(name);
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(path)?;
        *lock(&self.open) = Some(Open { name: name.to_owned(), file: Arc::new(file) });
        let mut wanted = lock(&self.syncing.wanted);
        (wanted.file, wanted.fault) = (None, None);
        Ok(())
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.health()?;
        let file = self.file(name)?;
        let written = loop {
            match (&*file).write(bytes) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                written => break written?,
            }
        };
        if written == bytes.len() {
            return Ok(());
        }
        let told = format!("only {written} of {} bytes were written", bytes.len());
        Err(io::Error::new(ErrorKind::WriteZero, told))
    }

    fn truncate(&self, name: &str, length: u64) -> io::Result<()> {
        OpenOptions::new().write(true).open(self.folder.join(name))?.set_len(length)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.folder.join(name))
    }

    fn sync(&self, name: &str) -> io::Result<()> {
        self.file(name)?.sync_all()?;
        File::open(&self.folder)?.sync_all()
    }

    fn sync_soon(&self, name: &str) {
        self.start_thread();
        // What can't be opened can't be written either, and that is told there.
        let Ok(file) = self.file(name) else { return };
        lock(&self.syncing.wanted).file = Some(file);
        self.syncing.changed.notify_one();
    }

    fn health(&self) -> io::Result<()> {
        match &lock(&self.syncing.wanted).fault {
            Some((kind, told)) => {
                Err(io::Error::new(*kind, format!("what was written didn't reach the disk: {told}")))
            }
            None => Ok(()),
        }
    }
}

impl Drop for FolderDisk {
    fn drop(&mut self) {
        lock(&self.syncing.wanted).is_over = true;
        self.syncing.changed.notify_one();
        if let Some(thread) = lock(&self.thread).take() {
            // It has nothing to say that is not in the fault already.
            let _ = thread.join();
        }
    }
}

impl Syncing {
    fn run(&self) {
        let mut wanted = lock(&self.wanted);
        loop {
            if let Some(file) = wanted.file.take() {
                drop(wanted);
                let synced = file.sync_data();
                wanted = lock(&self.wanted);
                if let Err(fault) = synced {
                    wanted.fault = Some((fault.kind(), fault.to_string()));
                }
                // Bytes that come meanwhile share the next sync.
                let rested = self.changed.wait_timeout_while(wanted, SYNC_EVERY, |wanted| !wanted.is_over);
                wanted = rested.unwrap_or_else(PoisonError::into_inner).0;
            } else if wanted.is_over {
                return;
            } else {
                wanted = self.changed.wait(wanted).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}
