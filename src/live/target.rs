//! Where a recording is written: a file that is nobody else's, and that was not there before or may be replaced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::recording;

use super::Trouble;

/// Where a recording goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To a file that others open.
    Named {
        /// The file.
        path: PathBuf,
        /// Whether a recording that is there may be replaced.
        overwrite: bool,
    },
    /// To a file without a name, which is gone when the program is, however that ends.
    Unnamed {
        /// No more octets than this.
        most: u64,
    },
}

/// What a recording is written to.
pub(super) trait Sink: Write + Send {
    /// Writes all that was written so far to a file.
    fn copy_to(&mut self, path: &Path) -> io::Result<()>;
}

impl Sink for File {
    fn copy_to(&mut self, path: &Path) -> io::Result<()> {
        // What is there is replaced only by something whole.
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let mut beside = temporary().tempfile_in(folder.unwrap_or(Path::new(".")))?;
        self.rewind()?;
        let copied = io::copy(self, &mut beside);
        self.seek(SeekFrom::End(0))?;
        copied?;
        beside.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}

/// Such a file is usually its owner's alone; a recording is as readable as any other file.
fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".leveret-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

impl Target {
    /// Opens it. That may take as long as a pipe has no reader.
    pub(super) fn open(&self) -> Result<File, Trouble> {
        match self {
            Self::Unnamed { .. } => tempfile::tempfile().map_err(Trouble::unwritable),
            Self::Named { path, overwrite } => named(path, *overwrite),
        }
    }

    /// Takes it away again, for nothing could be written to it.
    pub(super) fn give_up(&self) {
        if let Self::Named { path, .. } = self
            && fs::metadata(path).is_ok_and(|it| it.is_file() && it.len() == 0)
        {
            // An empty file would only be in the way the next time.
            let _ = fs::remove_file(path);
        }
    }
}

fn named(path: &Path, overwrite: bool) -> Result<File, Trouble> {
    match fs::metadata(path) {
        Ok(there) if !there.is_file() => return stream(path, &there),
        Ok(_) if !overwrite => return Err(Trouble::Exists),
        Ok(_) => {
            let mut file = ours(alone().read(true).write(true).open(path))?;
            replaceable(&file)?;
            let emptied = file.set_len(0).and_then(|()| file.rewind());
            return emptied.map(|()| file).map_err(Trouble::unwritable);
        }
        Err(_) => {}
    }
    // Whoever makes it meanwhile is not overwritten either.
    match alone().write(true).create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Trouble::Exists),
        made => ours(made),
    }
}

/// A file that nobody else writes to, if it could be opened.
fn ours(opened: io::Result<File>) -> Result<File, Trouble> {
    let file = opened.map_err(|error| match is_in_use(&error) {
        true => Trouble::InUse,
        false => Trouble::unwritable(error),
    })?;
    lock(&file).map(|()| file)
}

/// On Windows a lock would keep others from reading what is recorded; there, whoever opens a file says who else may.
#[cfg(windows)]
fn alone() -> OpenOptions {
    use std::os::windows::fs::OpenOptionsExt as _;
    const FILE_SHARE_READ: u32 = 1;
    let mut options = File::options();
    options.share_mode(FILE_SHARE_READ);
    options
}

#[cfg(not(windows))]
fn alone() -> OpenOptions {
    File::options()
}

fn is_in_use(error: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    cfg!(windows) && error.raw_os_error() == Some(SHARING_VIOLATION)
}

#[cfg(not(windows))]
fn lock(file: &File) -> Result<(), Trouble> {
    match file.try_lock() {
        Err(fs::TryLockError::WouldBlock) => Err(Trouble::InUse),
        // Some network drives know no locks, and are written to nevertheless.
        Ok(()) | Err(fs::TryLockError::Error(_)) => Ok(()),
    }
}

#[cfg(windows)]
fn lock(_: &File) -> Result<(), Trouble> {
    Ok(())
}

/// Only a recording is replaced by a recording, or a file with nothing in it.
fn replaceable(file: &File) -> Result<(), Trouble> {
    let mut beginning = Vec::new();
    let read = file.take(64).read_to_end(&mut beginning);
    read.map_err(Trouble::unwritable)?;
    match beginning.is_empty() || recording::is_recording(&beginning) {
        true => Ok(()),
        false => Err(Trouble::NoRecording),
    }
}

/// A pipe or a device that takes octets one after the other: nothing in it can be overwritten.
fn stream(path: &Path, there: &fs::Metadata) -> Result<File, Trouble> {
    match is_stream(there) {
        true => File::options()
            .write(true)
            .open(path)
            .map_err(Trouble::unwritable),
        false => Err(Trouble::NoFile),
    }
}

#[cfg(unix)]
fn is_stream(there: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    there.file_type().is_fifo() || there.file_type().is_char_device()
}

#[cfg(not(unix))]
fn is_stream(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::Profile;
    use crate::recording::Header;

    fn open(path: &Path, overwrite: bool) -> Result<File, Trouble> {
        let path = path.to_owned();
        Target::Named { path, overwrite }.open()
    }

    #[test]
    fn what_is_there_is_replaced_only_if_it_may_be_and_is_a_recording() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it");
        let recording = Header::new(Profile::V4_2, Vec::new(), Vec::new(), 0).to_bytes();
        for (content, other) in [
            (recording, false),
            (Vec::new(), false),
            (b"homework".to_vec(), true),
        ] {
            fs::write(&path, &content).unwrap();
            assert!(matches!(open(&path, false), Err(Trouble::Exists)));
            assert_eq!(fs::read(&path).unwrap(), content);
            let opened = open(&path, true);
            assert_eq!(matches!(opened, Err(Trouble::NoRecording)), other);
            assert_eq!(opened.is_ok(), !other);
            let left = fs::read(&path).unwrap();
            assert_eq!(left, if other { content } else { Vec::new() });
        }
        assert!(matches!(open(folder.path(), true), Err(Trouble::NoFile)));
        let nowhere = folder.path().join("none").join("it");
        assert!(matches!(open(&nowhere, true), Err(Trouble::Unwritable(_))));
    }

    #[test]
    fn a_file_that_is_written_to_is_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it");
        let mut first = open(&path, false).unwrap();
        first.write_all(b"LEVERET RECORDING 2\n").unwrap();
        assert!(matches!(open(&path, true), Err(Trouble::InUse)));
        assert_eq!(fs::read(&path).unwrap(), b"LEVERET RECORDING 2\n");
        drop(first);
        assert!(open(&path, true).is_ok());
    }

    #[test]
    fn a_copy_takes_the_place_of_what_was_there_only_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it");
        fs::write(&path, "before").unwrap();
        let mut file = Target::Unnamed { most: 0 }.open().unwrap();
        file.write_all(b"one").unwrap();
        file.copy_to(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        file.write_all(b" two").unwrap();
        let nowhere = folder.path().join("none").join("it");
        assert!(file.copy_to(&nowhere).is_err());
        file.copy_to(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
