//! Files that nobody sees half written.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::secret::{hex, random};

/// Says which file an error is about.
pub(super) fn named(path: &Path) -> impl Fn(io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

/// A path with something appended.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut text = path.as_os_str().to_owned();
    text.push(suffix);
    text.into()
}

/// Refuses to write over a file.
pub(super) fn must_be_free(file: &Path) -> Result<(), String> {
    match file.symlink_metadata() {
        Ok(_) => Err(format!(
            "{}: is there already; give another name",
            file.display()
        )),
        Err(_) => Ok(()),
    }
}

/// Waits until the names in the directory of a file are on disk.
pub(super) fn sync_directory(file: &Path) -> Result<(), String> {
    let parent = file.parent().filter(|parent| *parent != Path::new(""));
    let parent = parent.unwrap_or(Path::new("."));
    File::open(parent)
        .and_then(|directory| directory.sync_all())
        .map_err(named(parent))
}

/// A file readable by its owner alone, gone unless it becomes what it was written for.
pub(super) struct Partial {
    path: PathBuf,
}

impl Partial {
    /// An empty one in the same directory.
    pub(super) fn beside(file: &Path) -> Result<Self, String> {
        let path = with_suffix(file, &format!(".partial-{}", hex(&random::<4>())));
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(named(&path))?;
        Ok(Self { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn open(&self) -> Result<File, String> {
        let file = OpenOptions::new().write(true).open(&self.path);
        file.map_err(named(&self.path))
    }

    pub(super) fn sync(&self) -> Result<(), String> {
        File::open(&self.path)
            .and_then(|file| file.sync_all())
            .map_err(named(&self.path))
    }

    /// Takes its name, on disk; never another file's.
    pub(super) fn become_file(self, file: &Path) -> Result<(), String> {
        must_be_free(file)?;
        self.replace(file)
    }

    /// Takes its name, on disk, whoever had it.
    pub(super) fn replace(self, file: &Path) -> Result<(), String> {
        self.sync()?;
        fs::rename(&self.path, file).map_err(named(file))?;
        sync_directory(file)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // SQLite leaves these beside a database that was not closed in peace.
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let path = with_suffix(&self.path, suffix);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    log::warn!("{}: {error}", path.display());
                }
                _ => {}
            }
        }
    }
}
