//! A recording on its way to its file, apart from all that clients wait for.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::amqp::Record;
use crate::broker::Micros;
use crate::recording::{self, Header};

/// No more than this is lost if the machine stops.
const FLUSH: Duration = Duration::from_millis(200);

/// Records with their times.
pub(super) type Batch = Vec<(Micros, Record)>;

/// A file that is written by a thread of its own.
pub struct Recorder {
    batches: Sender<Batch>,
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
        let (batches, arriving) = mpsc::channel::<Batch>();
        let writing = std::thread::spawn(move || {
            let mut out = BufWriter::with_capacity(1 << 20, file);
            let (mut octets, mut last) = (Vec::new(), Micros::ZERO);
            loop {
                let batch = match arriving.recv_timeout(FLUSH) {
                    Ok(batch) => batch,
                    Err(RecvTimeoutError::Timeout) => {
                        out.flush()?;
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => return out.flush(),
                };
                for (at, record) in batch {
                    recording::append(&mut octets, last, at, &record);
                    last = at;
                }
                out.write_all(&octets)?;
                octets.clear();
            }
        });
        Ok(Self { batches, writing })
    }

    /// To whom what is recorded goes.
    pub(super) fn sender(&self) -> Sender<Batch> {
        self.batches.clone()
    }

    /// Waits until all that was recorded is written.
    ///
    /// # Errors
    /// When something could not be written.
    pub fn finish(self) -> io::Result<()> {
        drop(self.batches);
        let broken = || io::Error::other("the thread that wrote the recording is gone");
        self.writing.join().unwrap_or_else(|_| Err(broken()))
    }
}
