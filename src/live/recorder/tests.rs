use super::*;

use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};

use crate::amqp::{Peer, SessionId};
use crate::broker::{Name, Profile};
use crate::recording::Recording;

fn header() -> Header {
    let vhosts: Vec<Name> = vec!["/".into()];
    Header::new(Profile::V4_2, vhosts, Vec::new(), 0)
}

fn connected() -> (Micros, Record) {
    let peer = Peer {
        address: "here".to_owned(),
        is_local: true,
    };
    let session = SessionId(1);
    (Micros(1), Record::Connected { session, peer })
}

fn octets(at: u64, count: usize) -> (Micros, Record) {
    let (session, octets) = (SessionId(1), vec![7; count]);
    (Micros(at), Record::Octets { session, octets })
}

/// What takes nothing, or only some, and then waits for leave or fails.
struct Slow {
    written: Arc<Mutex<Vec<u8>>>,
    room: usize,
    leave: Option<Receiver<()>>,
}

impl Write for Slow {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let mut written = self.written.lock().unwrap();
        if written.len() + octets.len() > self.room {
            let some = self.room.saturating_sub(written.len());
            if some > 0 {
                written.extend(&octets[..some]);
                return Ok(some);
            }
            drop(written);
            let Some(leave) = &self.leave else {
                return Err(io::ErrorKind::StorageFull.into());
            };
            // Once whoever gives leave has gone, it takes all.
            let _ = leave.recv();
            self.room = usize::MAX;
            return self.write(octets);
        }
        written.extend(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Slow {
    fn copy_to(&mut self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

struct Made {
    recorder: Recorder,
    written: Arc<Mutex<Vec<u8>>>,
    news: Receiver<RecorderNews>,
    leave: Option<Sender<()>>,
}

fn limits(most_waiting: u64) -> Limits {
    Limits {
        most: None,
        most_waiting,
        silent: Duration::from_millis(300),
    }
}

/// A recording that has room for so much, and then fails or waits.
fn made(room: usize, waits: bool, most_waiting: u64) -> Made {
    let written = Arc::new(Mutex::new(Vec::new()));
    let (give, leave) = mpsc::channel();
    let sink = Slow {
        written: written.clone(),
        room: room + header().to_bytes().len(),
        leave: waits.then_some(leave),
    };
    let (tell, news) = mpsc::channel();
    let target = Target::Unnamed { most: 0 };
    let recorder = Recorder::start(
        move || Ok((sink, target)),
        limits(most_waiting),
        header().to_bytes(),
        move |told| _ = tell.send(told),
    );
    Made {
        recorder: recorder.map_err(|it| it.told("it")).unwrap(),
        written,
        news,
        leave: waits.then_some(give),
    }
}

#[test]
fn what_is_recorded_is_soon_in_its_file_though_there_is_always_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    let target = Target::Named {
        path: path.clone(),
        overwrite: false,
    };
    let recorder = Recorder::create(target, &header(), |_| {});
    let recorder = recorder.map_err(|it| it.told("it")).unwrap();
    let begun = std::fs::metadata(&path).unwrap().len();
    let mut at = Micros::ZERO;
    // Less often than that nothing would come for a while, and less than is written at once.
    while std::fs::metadata(&path).unwrap().len() == begun {
        at += Micros::from_millis(5);
        assert!(at < Micros::from_secs(60), "nothing was written");
        let session = SessionId(0);
        recorder
            .records()
            .write(vec![(at, Record::Taken { session })]);
        thread::sleep(Duration::from_millis(5));
    }
    assert!(recorder.finish().is_ok());
}

#[test]
fn a_disk_that_is_full_is_told_and_what_was_written_can_be_read() {
    let made = made(2_000, false, u64::MAX);
    made.recorder
        .records()
        .write(vec![connected(), octets(5, 500)]);
    // So it is written before the rest comes.
    let (done, copied) = mpsc::channel();
    let done: Copied = Box::new(move |copied| _ = done.send(copied.unwrap()));
    made.recorder.copy("unused".into(), done);
    assert_eq!(copied.recv().unwrap(), None);
    made.recorder.records().write(vec![octets(9, 5_000)]);
    let RecorderNews::Ended(why, until) = made.news.recv().unwrap() else {
        panic!("it has ended");
    };
    assert!(
        why.told("lesson.leveret")
            .contains("no room left to write lesson.leveret")
    );
    assert_eq!(until, Micros(5));
    // Whoever goes on to record holds up nobody, and holds no memory.
    made.recorder.records().write(vec![octets(10, 500)]);
    assert_eq!(made.recorder.shared.lock().waiting, 0);
    assert!(
        made.recorder
            .finish()
            .is_err_and(|(_, until)| until == Micros(5))
    );
    let read = Recording::read(&made.written.lock().unwrap()).unwrap();
    assert_eq!(read.records, [connected(), octets(5, 500)]);
    assert_eq!(read.left_out.len(), 1, "the piece that still had room");
}

#[test]
fn a_file_that_takes_nothing_is_told_and_goes_on_when_it_takes_something_again() {
    let mut made = made(0, true, u64::MAX);
    made.recorder.records().write(vec![connected()]);
    assert!(matches!(made.news.recv().unwrap(), RecorderNews::Waits));
    made.leave.take();
    assert!(matches!(made.news.recv().unwrap(), RecorderNews::GoesOn));
    made.recorder.records().write(vec![octets(5, 5)]);
    assert!(made.recorder.finish().is_ok());
    let read = Recording::read(&made.written.lock().unwrap()).unwrap();
    assert_eq!(read.records, [connected(), octets(5, 5)]);
    assert_eq!(read.left_out, []);
}

#[test]
fn a_recording_ends_rather_than_keep_too_much_in_memory_and_nobody_waits_for_it() {
    let made = made(0, true, 10_000);
    for at in 2..1_000 {
        made.recorder.records().write(vec![octets(at, 100)]);
        assert!(made.recorder.shared.lock().waiting <= 10_000);
    }
    assert!(made.recorder.shared.lock().work.is_empty());
    let told = made.news.iter().find_map(|news| match news {
        RecorderNews::Ended(why, _) => Some(why),
        _ => None,
    });
    assert!(matches!(told, Some(Trouble::Overrun)));
    // It is still held up, and yet this ends.
    assert!(made.recorder.finish().is_err());
    let read = Recording::read(&made.written.lock().unwrap()).unwrap();
    assert_eq!(read.records, []);
}

#[test]
fn what_cannot_be_opened_in_a_while_is_not_waited_for() {
    let (_give, leave) = mpsc::channel::<()>();
    let open = move || {
        let _ = leave.recv();
        Err::<(Slow, Target), _>(Trouble::Exists)
    };
    let begun = Recorder::start(open, limits(0), Vec::new(), |_| {});
    assert!(matches!(begun, Err(Trouble::Silent)));
}

#[test]
fn a_recording_that_may_only_be_so_large_ends_with_a_whole_record_and_can_be_copied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy");
    let most = 2_000;
    let (tell, news) = mpsc::channel();
    let target = Target::Unnamed { most };
    let recorder = Recorder::create(target, &header(), move |told| _ = tell.send(told));
    let recorder = recorder.map_err(|it| it.told("it")).unwrap();
    recorder.records().write(vec![connected()]);
    for at in 1..100 {
        recorder.records().write(vec![octets(at, 300)]);
    }
    let RecorderNews::Ended(Trouble::Large { .. }, until) = news.recv().unwrap() else {
        panic!("it is full");
    };
    let (done, copied) = mpsc::channel();
    let done: Copied = Box::new(move |copied| _ = done.send(copied.unwrap()));
    recorder.copy(path.clone(), done);
    assert_eq!(copied.recv().unwrap(), Some(until));
    let file = std::fs::read(path).unwrap();
    assert!(file.len() as u64 <= most && file.len() as u64 > most - 400);
    let read = Recording::read(&file).unwrap();
    assert_eq!(read.left_out, []);
    assert_eq!(read.records.last().unwrap().0, until);
}
