//! A recording on its way to its file, apart from all that clients wait for.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::amqp::Record;
use crate::broker::Micros;
use crate::recording::{self, Header};

/// No more than this is lost if the machine stops.
const FLUSH: Duration = Duration::from_millis(200);
/// The thread that writes is woken no more often than this: waking it for each piece would cost more than to write it.
const PAUSE: Duration = Duration::from_millis(10);

/// What the thread that writes is given.
pub(super) enum Work {
    /// Records with their times.
    Write(Vec<(Micros, Record)>),
    /// To write all that it was given so far, and to say so.
    Flush(Sender<()>),
}

/// A file that is written by a thread of its own.
pub struct Recorder {
    work: Sender<Work>,
    writing: JoinHandle<io::Result<()>>,
}

impl Recorder {
    /// Begins a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path, header: &Header) -> io::Result<Self> {
        let mut file = File::create(path)?;
        file.write_all(&header.to_bytes())?;
        let (work, arriving) = mpsc::channel::<Work>();
        let writing = std::thread::spawn(move || {
            let mut out = BufWriter::with_capacity(1 << 20, file);
            let (mut octets, mut last, mut flushed) = (Vec::new(), Micros::ZERO, Instant::now());
            loop {
                let first = match arriving.recv_timeout(FLUSH) {
                    Ok(first) => Some(first),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return out.flush(),
                };
                for work in first.into_iter().chain(arriving.try_iter()) {
                    match work {
                        Work::Write(batch) => {
                            for (at, record) in batch {
                                recording::append(&mut octets, last, at, &record);
                                last = at;
                            }
                            out.write_all(&octets)?;
                            octets.clear();
                        }
                        Work::Flush(done) => {
                            out.flush()?;
                            // Whoever asked may have given up.
                            let _ = done.send(());
                        }
                    }
                }
                if flushed.elapsed() >= FLUSH {
                    out.flush()?;
                    flushed = Instant::now();
                }
                std::thread::sleep(PAUSE);
            }
        });
        Ok(Self { work, writing })
    }

    /// To whom what is recorded goes.
    pub(super) fn sender(&self) -> Sender<Work> {
        self.work.clone()
    }

    /// Waits until all that was recorded is written.
    ///
    /// # Errors
    /// When something could not be written.
    pub fn finish(self) -> io::Result<()> {
        drop(self.work);
        self.writing.join().unwrap_or_else(|_| Err(gone()))
    }

    /// Waits until all that was recorded so far is written.
    ///
    /// # Errors
    /// When something could not be written.
    pub fn flush(&self) -> io::Result<()> {
        let (done, told) = mpsc::channel();
        self.work.send(Work::Flush(done)).map_err(|_| gone())?;
        told.recv().map_err(|_| gone())
    }
}

/// That nobody writes any more: what could not be written is told by whoever finishes.
fn gone() -> io::Error {
    io::Error::other("the recording cannot be written any more")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amqp::SessionId;
    use crate::broker::Profile;

    #[test]
    fn what_is_recorded_is_soon_in_its_file_though_there_is_always_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording");
        let header = Header::new(Profile::V4_2, Vec::new(), Vec::new(), 0);
        let recorder = Recorder::create(&path, &header).unwrap();
        let begun = std::fs::metadata(&path).unwrap().len();
        let mut at = Micros::ZERO;
        // Less often than that nothing would come for a while, and less than a buffer holds.
        while std::fs::metadata(&path).unwrap().len() == begun {
            at += Micros::from_millis(5);
            assert!(at < Micros::from_secs(60), "nothing was written");
            let session = SessionId(0);
            let batch = vec![(at, Record::Taken { session })];
            recorder.sender().send(Work::Write(batch)).unwrap();
            std::thread::sleep(Duration::from_millis(5));
        }
        recorder.finish().unwrap();
    }
}
