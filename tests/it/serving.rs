//! `leveret serve`, over real sockets.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};

use leveret::amqp::{Configuration, Hand, Method, Server, Unrecorded};
use leveret::broker::{Micros, Profile};
use leveret::history::History;
use leveret::live::{Companion, Feed};
use leveret::recording::Header;
use leveret::scenario;
use leveret::world::World;

use crate::wire::{channel_open, method, open, publish, queue_declare, start_ok, tune_ok};

/// A client that has declared a queue and published a message, over a socket.
fn publisher(address: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).unwrap();
    over(&mut socket, b"AMQP\x00\x00\x09\x01", 8);
    let mut octets = method(0, &start_ok("PLAIN", b"\0guest\0guest"));
    octets.extend(method(0, &tune_ok(10, 131_072)));
    octets.extend(method(0, &open("/")));
    octets.extend(method(1, &channel_open()));
    octets.extend(method(1, &queue_declare("q")));
    octets.extend(publish(1, "q", b"over a socket"));
    over(&mut socket, &octets, 40);
    socket
}

/// Speaks over a socket as the handshake goes, and hears as much as wanted.
fn over(socket: &mut TcpStream, octets: &[u8], wanted: usize) -> Vec<u8> {
    socket.write_all(octets).unwrap();
    let mut got = vec![0; wanted];
    socket.read_exact(&mut got).unwrap();
    got
}

#[test]
fn serve_hears_real_sockets_and_leaves_its_recording_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lesson.leveret");
    let mut serve = Command::new(env!("CARGO_BIN_EXE_leveret"))
        .args(["serve", "--listen", "127.0.0.1:0", "--record"])
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    let mut said = BufReader::new(serve.stdout.take().unwrap());
    said.read_line(&mut ready).unwrap();
    let mut lines = BufReader::new(serve.stderr.take().unwrap()).lines();
    let mut line = || lines.next().unwrap().unwrap();
    let address = ready
        .trim_end()
        .strip_prefix("listening on ")
        .expect("it says so when it is ready");
    let _socket = publisher(address);
    assert!(
        line().starts_with("tester is connected from 127.0.0.1:"),
        "a line for a connection"
    );
    // Another that says nonsense is let go, and disturbs nobody.
    let mut hostile = TcpStream::connect(address).unwrap();
    hostile.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = hostile.read_to_end(&mut answer); // it may be reset
    assert!(line().contains("left before its connection was open"));
    // As Ctrl-C does.
    let pid = serve.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(serve.wait().unwrap().success());
    let recorded = scenario::load_path(&file).unwrap();
    let mut history = History::new(&recorded.setup).unwrap();
    history.run_until(recorded.until);
    let queues = history.head().broker().queues();
    assert_eq!((queues.len(), queues[0].ready_len()), (1, 1));
}

fn plain_header() -> Header {
    Header::new(Profile::V4_2, vec!["/".into()], Vec::new(), 0)
}

/// A server beside a window, what it tells the window, and that there is something to be told.
fn beside() -> (Companion, Feed, Receiver<()>) {
    let header = plain_header();
    let world = World::new(&header.setup(&"/".into())).unwrap();
    let configuration = Configuration {
        users: [("guest".into(), "guest".to_owned())].into(),
        ..Configuration::default()
    };
    let server = Server::new(configuration, [("/".into(), Unrecorded::new(world))]);
    let (wake, woken) = mpsc::channel();
    let feed = Feed::new(move || _ = wake.send(()));
    let beside = Companion::start(server, &header, feed.clone(), |_| {}, |_| {});
    (beside.unwrap(), feed, woken)
}

#[test]
fn a_server_beside_a_window_tells_it_what_comes_and_saves_it_where_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("mine.leveret");
    let (mut beside, feed, woken) = beside();
    let _socket = publisher(&beside.address().to_string());
    woken.recv().unwrap();
    let mut heard = Vec::new();
    let mut traffic = 0;
    while heard.len() < 4 {
        let some = feed.take(1);
        traffic += some.traffic.len();
        heard.extend(some.inputs);
    }
    assert!(heard.is_sorted_by_key(|&(at, _)| at) && traffic > 4);
    let mut seen = History::new(&plain_header().setup(&"/".into())).unwrap();
    for (at, input) in heard {
        seen.input(at, input);
    }
    assert_eq!(seen.head().broker().queues()[0].ready_len(), 1);
    beside.act(Hand::Purge { queue: "q".into() });
    assert_eq!(save(&beside, &saved), None);
    let recorded = scenario::load_path(&saved).unwrap();
    let mut history = History::new(&recorded.setup).unwrap();
    history.run_until(recorded.until);
    assert_eq!(
        history.head().broker().queues()[0].ready_len(),
        0,
        "a hand's doing is in it"
    );
    assert!(!recorded.traffic.is_empty());
    beside.end();
    assert!(!beside.is_serving());
    std::fs::remove_file(&saved).unwrap();
    assert_eq!(save(&beside, &saved), None, "it can be saved afterwards");
    drop(beside);
    let left = std::fs::read_dir(folder.path()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [saved]);
}

/// Has what came so far saved; up to when it goes, if it ended before.
fn save(beside: &Companion, to: &Path) -> Option<Micros> {
    let (done, saved) = mpsc::channel();
    beside.save(to.to_owned(), Box::new(move |it| _ = done.send(it)));
    saved.recv().unwrap().unwrap()
}

/// Ends whatever was started, be it that a test fails.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Started {
    /// `leveret serve` on a free port.
    fn serve(arguments: &[&OsStr]) -> Self {
        let free = ["--listen", "127.0.0.1:0"].map(OsStr::new);
        Self::spawn(
            Command::new(LEVERET)
                .arg("serve")
                .args(free)
                .args(arguments),
        )
    }

    fn recording(file: &Path, more: &[&str]) -> Self {
        let mut arguments = vec![OsStr::new("--record"), file.as_os_str()];
        arguments.extend(more.iter().map(OsStr::new));
        Self::serve(&arguments)
    }

    fn spawn(command: &mut Command) -> Self {
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(piped.spawn().unwrap())
    }

    /// Where it listens, once it does.
    fn address(&mut self) -> String {
        let mut ready = String::new();
        let out = self.0.stdout.as_mut().unwrap();
        // Octet by octet, so that what follows is left where it is.
        while !ready.ends_with('\n') {
            let mut octet = [0];
            assert_eq!(out.read(&mut octet).unwrap(), 1, "{}", self.complaints());
            ready.push(octet[0].into());
        }
        let address = ready.trim_end().strip_prefix("listening on ");
        address.expect("it says so when it is ready").to_owned()
    }

    /// What it complained of, up to its end.
    fn complaints(&mut self) -> String {
        let mut told = String::new();
        let mut err = self.0.stderr.take().unwrap();
        err.read_to_string(&mut told).unwrap();
        told
    }

    /// That it is refused, and what for.
    fn refused(mut self) -> String {
        let told = self.complaints();
        assert_eq!(self.0.wait().unwrap().code(), Some(2), "{told}");
        told
    }

    fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(sent.success());
    }
}

const LEVERET: &str = env!("CARGO_BIN_EXE_leveret");

#[test]
fn a_server_that_gets_no_port_leaves_the_recording_of_the_one_that_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lesson.leveret");
    let mut first = Started::recording(&file, &[]);
    let address = first.address();
    let before = std::fs::read(&file).unwrap();
    assert!(!before.is_empty());
    for overwrite in [&[][..], &["--overwrite"]] {
        let mut second = Command::new(LEVERET);
        second.args(["serve", "--listen", &address, "--record"]);
        let second = Started::spawn(second.arg(&file).args(overwrite));
        assert!(second.refused().contains("nobody can listen on"));
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }
    // Nor is a file begun where there was none.
    let other = folder.path().join("other.leveret");
    let mut second = Command::new(LEVERET);
    second.args(["serve", "--listen", &address, "--record"]);
    Started::spawn(second.arg(&other)).refused();
    assert!(!other.exists());
}

#[test]
fn a_file_is_replaced_only_if_that_is_said_and_if_it_is_a_recording_that_nobody_makes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lesson.leveret");
    let mut first = Started::recording(&file, &[]);
    first.address();
    let in_use = Started::recording(&file, &["--overwrite"]).refused();
    assert!(
        in_use.contains("another Leveret is recording into"),
        "{in_use}"
    );
    drop(first);
    let before = std::fs::read(&file).unwrap();
    let told = Started::recording(&file, &[]).refused();
    assert!(
        told.contains("is there already") && told.contains("--overwrite"),
        "{told}"
    );
    assert!(told.contains(&file.display().to_string()));
    assert_eq!(std::fs::read(&file).unwrap(), before);
    let mut again = Started::recording(&file, &["--overwrite"]);
    again.address();
    let notes = folder.path().join("notes.txt");
    std::fs::write(&notes, "homework").unwrap();
    let told = Started::recording(&notes, &["--overwrite"]).refused();
    assert!(
        told.contains("is no recording, so it is not replaced"),
        "{told}"
    );
    assert_eq!(std::fs::read(&notes).unwrap(), b"homework");
}

#[test]
fn a_full_disk_and_a_pipe_that_nobody_reads_are_told_at_once() {
    let told = Started::recording(Path::new("/dev/full"), &[]).refused();
    assert!(
        told.contains("there is no room left to write /dev/full"),
        "{told}"
    );
    let folder = tempfile::tempdir().unwrap();
    let pipe = fifo(folder.path());
    let told = Started::recording(&pipe, &[]).refused();
    assert!(
        told.contains("takes nothing. If it is a pipe, start what reads it first"),
        "{told}"
    );
}

fn fifo(folder: &Path) -> PathBuf {
    let pipe = folder.join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    pipe
}

#[test]
fn a_reader_that_stops_reading_is_told_of_and_neither_clients_nor_the_end_wait_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = fifo(folder.path());
    let reads = {
        let pipe = pipe.clone();
        std::thread::spawn(move || std::fs::File::open(pipe).unwrap())
    };
    let mut serve = Started::recording(&pipe, &[]);
    let address = serve.address();
    let _reader = reads.join().unwrap();
    let mut client = publisher(&address);
    // More than a pipe holds.
    client
        .write_all(&publish(1, "q", &[0; 100_000]).repeat(20))
        .unwrap();
    let mut lines = BufReader::new(serve.0.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("pipe takes nothing any more")));
    let _another = publisher(&address);
    serve.signal("-TERM");
    assert!(lines.any(|line| line.unwrap().contains("The recording has ended")));
    assert_eq!(serve.0.wait().unwrap().code(), Some(2));
}

#[test]
fn a_disk_that_fills_up_ends_the_recording_and_not_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lesson.leveret");
    // No file may be larger than that: the same as a disk that is full.
    let limited =
        "trap '' XFSZ; ulimit -f 100; exec \"$0\" serve --listen 127.0.0.1:0 --record \"$1\"";
    let mut shell = Command::new("sh");
    let mut serve = Started::spawn(shell.args(["-c", limited, LEVERET]).arg(&file));
    let address = serve.address();
    let mut client = publisher(&address);
    let mut lines = BufReader::new(serve.0.stderr.take().unwrap()).lines();
    client
        .write_all(&publish(1, "q", &[0; 100_000]).repeat(20))
        .unwrap();
    assert!(lines.any(|line| line.unwrap().contains("The recording has ended: ")));
    // Clients are served as before, and it ends as ever.
    let _another = publisher(&address);
    serve.signal("-INT");
    assert_eq!(
        serve.0.wait().unwrap().code(),
        Some(2),
        "not all is recorded"
    );
    let recorded = scenario::load_path(&file).unwrap();
    assert_eq!(
        recorded.notices.len(),
        1,
        "the record that still had room in part"
    );
    let mut history = History::new(&recorded.setup).unwrap();
    history.run_until(recorded.until);
    assert!(history.head().broker().queues()[0].ready_len() >= 1);
    for (command, out) in [("run", false), ("check", true)] {
        let told = Command::new(LEVERET)
            .arg(command)
            .arg(&file)
            .output()
            .unwrap();
        let told = String::from_utf8(if out { told.stdout } else { told.stderr }).unwrap();
        assert!(told.contains(&recorded.notices[0]), "{command}: {told}");
    }
}

/// Whether this program ignores that its terminal is closed, as far as the system says so.
fn outlives_its_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|it| it.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|it| u64::from_str_radix(it.trim(), 16).ok());
    ignored.is_some_and(|it| it & 1 == 1)
}

#[test]
fn a_terminal_that_is_closed_ends_the_server_as_its_manager_does() {
    // Whoever was started so that it outlives its terminal hands that on to the server.
    let hang_up = (!outlives_its_terminal()).then_some("-HUP");
    for signal in ["-TERM", "-INT"].into_iter().chain(hang_up) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lesson.leveret");
        let mut serve = Started::recording(&file, &[]);
        let mut client = publisher(&serve.address());
        serve.signal(signal);
        let mut said = Vec::new();
        client.read_to_end(&mut said).unwrap();
        let told = String::from_utf8_lossy(&said).contains("CONNECTION_FORCED");
        assert!(told, "{signal}: its client is told");
        assert!(serve.0.wait().unwrap().success());
        let recorded = scenario::load_path(&file).unwrap();
        assert_eq!(recorded.notices, [""; 0], "and its recording is whole");
    }
}

#[test]
fn what_a_client_calls_itself_forges_no_line_in_the_log() {
    let mut serve = Started::serve(&[]);
    let mut socket = TcpStream::connect(serve.address()).unwrap();
    let name = "\u{1b}[2Jmallory\nbob is connected from 10.0.0.1:1 as root";
    let properties = [("connection_name".into(), name.into())];
    let start = Method::ConnectionStartOk {
        client_properties: properties.into(),
        mechanism: "PLAIN".into(),
        response: b"\0guest\0guest".to_vec(),
        locale: "en_US".into(),
    };
    over(&mut socket, b"AMQP\x00\x00\x09\x01", 8);
    let mut octets = method(0, &start);
    octets.extend(method(0, &tune_ok(10, 131_072)));
    octets.extend(method(0, &open("/")));
    over(&mut socket, &octets, 40);
    serve.signal("-TERM");
    let log = serve.complaints();
    let shown = r"\u001b[2Jmallory\nbob is connected from 10.0.0.1:1 as root is connected from 127";
    assert!(log.starts_with(shown), "{log}");
    assert!(!log.lines().any(|line| line.starts_with("bob")), "{log}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_is_to_outlive_its_terminal_does() {
    let shell = "trap '' HUP; exec \"$0\" serve --listen 127.0.0.1:0";
    let mut serve = Started::spawn(Command::new("sh").args(["-c", shell, LEVERET]));
    let address = serve.address();
    serve.signal("-HUP");
    let _client = publisher(&address);
    serve.signal("-TERM");
    assert!(serve.0.wait().unwrap().success());
}

#[test]
fn a_server_beside_a_window_leaves_no_file_behind_though_it_is_killed() {
    const CHILD: &str = "LEVERET_TEST_BESIDE";
    if std::env::var_os(CHILD).is_some() {
        let (beside, ..) = beside();
        let _socket = publisher(&beside.address().to_string());
        eprintln!("it serves");
        let _ = std::io::stdin().read(&mut [0]);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--nocapture", "--exact"]);
    child.arg("serving::a_server_beside_a_window_leaves_no_file_behind_though_it_is_killed");
    child
        .env(CHILD, "1")
        .env("TMPDIR", folder.path())
        .stdin(Stdio::piped());
    let mut child = Started::spawn(&mut child);
    let mut lines = BufReader::new(child.0.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "it serves"));
    let there = || std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(there(), 0, "while it serves");
    child.signal("-KILL");
    child.0.wait().unwrap();
    assert_eq!(there(), 0, "and after it");
}
