//! A recording on its way to its file, apart from all that clients wait for.
//!
//! What comes is put aside, a thread writes it, and another watches that one: a disk may be full, and a file may hold up
//! whoever writes to it for ever. Neither clients nor the end of the server wait for that.

use std::io;
use std::mem;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::amqp::Record;
use crate::broker::Micros;
use crate::recording::{self, Header};

use super::target::{Sink, Target};
use super::trouble::{MOST_WAITING, RecorderNews, Trouble};

/// No more than this is lost if the machine stops.
const FLUSH: Duration = Duration::from_millis(200);
/// The thread that writes is woken no more often than this: waking it for each piece would cost more than to write it.
const PAUSE: Duration = Duration::from_millis(10);
/// So much is written at once at the most, but for what one client sent at once.
const PIECE: usize = 1024 * 1024;
/// What a record weighs besides the octets in it.
const WEIGHT: u64 = 64;

/// What comes of a copy that was wanted: until when it goes, if it ended before its time.
pub type Copied = Box<dyn FnOnce(io::Result<Option<Micros>>) + Send>;

/// What the thread that writes is given.
enum Work {
    Write(Vec<(Micros, Record)>),
    Copy(PathBuf, Copied),
}

/// How far the thread that writes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Opening,
    Writing,
    Over,
}

struct State {
    stage: Stage,
    work: Vec<Work>,
    /// What waits, in octets; what is being written is part of it.
    waiting: u64,
    /// Since when the thread that writes is at the same thing.
    busy: Option<Instant>,
    /// Up to when all is written.
    until: Micros,
    /// Why nothing more is written.
    ended: Option<Trouble>,
    /// No more is coming.
    closing: bool,
}

struct Shared {
    state: Mutex<State>,
    /// There is work.
    work: Condvar,
    /// It came further.
    further: Condvar,
    limits: Limits,
}

/// What is enough.
#[derive(Clone, Copy)]
struct Limits {
    /// The most octets of the file.
    most: Option<u64>,
    /// The most that wait to be written.
    most_waiting: u64,
    /// A file that takes nothing for so long holds things up.
    silent: Duration,
}

/// A file that is written by a thread of its own.
pub struct Recorder {
    shared: Arc<Shared>,
}

/// Where what is recorded goes.
#[derive(Clone)]
pub(super) struct Records(Arc<Shared>);

impl Records {
    /// Hands on what came, without waiting. A recording that cannot be written any more ends; its clients need not.
    pub(super) fn write(&self, records: Vec<(Micros, Record)>) {
        let weight = |(_, record): &(Micros, Record)| match record {
            Record::Octets { octets, .. } => WEIGHT + octets.len() as u64,
            _ => WEIGHT,
        };
        let weight: u64 = records.iter().map(weight).sum();
        let mut state = self.0.lock();
        if state.ended.is_some() {
            return;
        }
        if state.waiting.saturating_add(weight) > self.0.limits.most_waiting {
            self.0.end(&mut state, Trouble::Overrun);
            return;
        }
        state.waiting += weight;
        self.0.hand_over(&mut state, Work::Write(records));
    }
}

impl Recorder {
    /// Begins a recording, and tells from then on what befalls it.
    ///
    /// # Errors
    /// When it cannot be written, or takes nothing.
    pub fn create(
        target: Target,
        header: &Header,
        tell: impl Fn(RecorderNews) + Send + 'static,
    ) -> Result<Self, Trouble> {
        let most = match target {
            Target::Unnamed { most } => Some(most),
            Target::Named { .. } => None,
        };
        let limits = Limits {
            most,
            most_waiting: MOST_WAITING,
            silent: Duration::from_secs(3),
        };
        let open = move || target.open().map(|file| (file, target));
        Self::start(open, limits, header.to_bytes(), tell)
    }

    fn start<S: Sink>(
        open: impl FnOnce() -> Result<(S, Target), Trouble> + Send + 'static,
        limits: Limits,
        header: Vec<u8>,
        tell: impl Fn(RecorderNews) + Send + 'static,
    ) -> Result<Self, Trouble> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                stage: Stage::Opening,
                work: Vec::new(),
                waiting: 0,
                busy: None,
                until: Micros::ZERO,
                ended: None,
                closing: false,
            }),
            work: Condvar::new(),
            further: Condvar::new(),
            limits,
        });
        let recorder = Self {
            shared: shared.clone(),
        };
        let writes = shared.clone();
        thread::spawn(move || {
            let opened = open();
            if writes.lock().closing {
                return; // It took so long that nobody waits for it any more.
            }
            let opened = opened.and_then(|(mut sink, target)| match sink.write_all(&header) {
                Ok(()) => Ok(sink),
                Err(error) => {
                    target.give_up();
                    Err(Trouble::unwritable(error))
                }
            });
            match opened {
                Ok(sink) => {
                    writes.lock().stage = Stage::Writing;
                    writes.further.notify_all();
                    let writer = Writer {
                        shared: &writes,
                        sink,
                        octets: Vec::new(),
                        last: Micros::ZERO,
                        written: header.len() as u64,
                        taken: 0,
                        flushed: Instant::now(),
                    };
                    writer.run();
                }
                Err(trouble) => writes.lock().ended = Some(trouble),
            }
            writes.lock().stage = Stage::Over;
            writes.further.notify_all();
        });
        recorder.wait_while(|state| state.stage == Stage::Opening);
        let mut state = shared.lock();
        if let Some(trouble) = state.ended.clone() {
            return Err(trouble);
        }
        if state.stage == Stage::Opening {
            (state.stage, state.closing) = (Stage::Over, true);
            return Err(Trouble::Silent);
        }
        drop(state);
        thread::spawn(move || watch(&shared, tell));
        Ok(recorder)
    }

    /// To whom what is recorded goes.
    pub(super) fn records(&self) -> Records {
        Records(self.shared.clone())
    }

    /// Has all that was recorded so far copied to a file, and says when that is done. Nobody waits for it.
    pub fn copy(&self, to: PathBuf, done: Copied) {
        let mut state = self.shared.lock();
        if state.stage == Stage::Over {
            drop(state);
            return done(Err(io::ErrorKind::BrokenPipe.into()));
        }
        self.shared.hand_over(&mut state, Work::Copy(to, done));
    }

    /// Waits until all that was recorded is written, but no longer than a moment.
    ///
    /// # Errors
    /// When something could not be written, and up to when all is.
    pub fn finish(self) -> Result<(), (Trouble, Micros)> {
        self.close();
        let state = self.shared.lock();
        match &state.ended {
            Some(trouble) => Err((trouble.clone(), state.until)),
            None if state.stage != Stage::Over => Err((Trouble::Silent, state.until)),
            None => Ok(()),
        }
    }

    fn close(&self) {
        self.shared.lock().closing = true;
        self.shared.work.notify_all();
        self.wait_while(|state| state.stage != Stage::Over);
    }

    /// Waits as long as something holds, but no longer than a file may take.
    fn wait_while(&self, holds: impl Fn(&State) -> bool) {
        let shared = &self.shared;
        // What holds still is looked at by whoever waited.
        let _ = shared
            .further
            .wait_timeout_while(shared.lock(), shared.limits.silent, |state| holds(state));
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Whoever panicked has left what it had put aside by then.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_over(&self, state: &mut State, work: Work) {
        let was_idle = state.work.is_empty();
        state.work.push(work);
        if was_idle {
            self.work.notify_all();
        }
    }

    /// Nothing more is written. What waits is not needed any more, but for copies of what is written.
    fn end(&self, state: &mut State, why: Trouble) {
        state.ended.get_or_insert(why);
        state.work.retain(|work| matches!(work, Work::Copy(..)));
        state.waiting = 0;
        self.further.notify_all();
    }
}

/// The thread that writes.
struct Writer<'a, S> {
    shared: &'a Shared,
    sink: S,
    octets: Vec<u8>,
    /// The time of the last record in `octets`.
    last: Micros,
    written: u64,
    /// What the work weighs that it is at.
    taken: u64,
    flushed: Instant,
}

impl<S: Sink> Writer<'_, S> {
    /// Writes until no more is coming.
    fn run(mut self) {
        loop {
            let (work, closing) = self.next();
            let is_last = closing && work.is_empty();
            for work in work {
                match work {
                    Work::Write(batch) => self.write(&batch),
                    Work::Copy(to, done) => {
                        self.flush();
                        // How long that takes is no matter of the recording's own file.
                        self.shared.lock().busy = None;
                        let copied = self.sink.copy_to(&to);
                        let state = self.shared.lock();
                        let ended = state.ended.is_some().then_some(state.until);
                        drop(state);
                        done(copied.map(|()| ended));
                    }
                }
            }
            if is_last || self.flushed.elapsed() >= FLUSH {
                self.flush();
            }
            if is_last {
                return;
            }
            if !closing {
                thread::sleep(PAUSE);
            }
        }
    }

    /// What there is to be done, and whether nothing more is coming.
    fn next(&mut self) -> (Vec<Work>, bool) {
        let mut state = self.shared.lock();
        state.busy = None;
        state.waiting = state.waiting.saturating_sub(mem::take(&mut self.taken));
        let nothing = |state: &mut State| state.work.is_empty() && !state.closing;
        let waited = self.shared.work.wait_timeout_while(state, FLUSH, nothing);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let work = mem::take(&mut state.work);
        self.taken = state.waiting;
        if !work.is_empty() || !self.octets.is_empty() {
            state.busy = Some(Instant::now());
        }
        (work, state.closing)
    }

    fn write(&mut self, batch: &[(Micros, Record)]) {
        for (at, record) in batch {
            let before = self.octets.len();
            recording::append(&mut self.octets, *at, record);
            let length = self.written + self.octets.len() as u64;
            if let Some(most) = self.shared.limits.most.filter(|&most| length > most) {
                self.octets.truncate(before);
                self.flush();
                let shared = self.shared;
                shared.end(&mut shared.lock(), Trouble::Large { most });
                return;
            }
            self.last = *at;
            if self.octets.len() >= PIECE {
                self.flush();
            }
        }
    }

    /// Writes what there is, unless nothing more is to be written.
    fn flush(&mut self) {
        let octets = mem::take(&mut self.octets);
        self.flushed = Instant::now();
        if self.shared.lock().ended.is_some() {
            return;
        }
        let written = match octets.is_empty() {
            true => Ok(()),
            false => self.sink.write_all(&octets),
        };
        self.written += octets.len() as u64;
        let mut state = self.shared.lock();
        match written {
            Ok(()) => state.until = self.last,
            Err(error) => self.shared.end(&mut state, Trouble::unwritable(error)),
        }
    }
}

/// Tells what befalls a recording, until it is over. It is told by a thread of its own, since whoever is told may take its
/// time.
fn watch(shared: &Shared, tell: impl Fn(RecorderNews)) {
    /// A file that holds things up is told this much later at the most.
    const OFTEN: Duration = Duration::from_millis(500);
    let mut waits = false;
    loop {
        let goes_on = |state: &mut State| state.ended.is_none() && state.stage != Stage::Over;
        let waited = shared
            .further
            .wait_timeout_while(shared.lock(), OFTEN, goes_on);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let ended = state.ended.clone().map(|why| (why, state.until));
        let is_over = state.stage == Stage::Over;
        let is_silent = state
            .busy
            .is_some_and(|since| since.elapsed() >= shared.limits.silent);
        drop(state);
        if let Some((why, until)) = ended {
            return tell(RecorderNews::Ended(why, until));
        }
        if is_over {
            return;
        }
        if waits != is_silent {
            waits = is_silent;
            tell(match waits {
                true => RecorderNews::Waits,
                false => RecorderNews::GoesOn,
            });
        }
    }
}

#[cfg(test)]
mod tests;
