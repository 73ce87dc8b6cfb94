//! `leveret serve`, over real sockets.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use leveret::amqp::{Configuration, Hand, Server, Unrecorded};
use leveret::broker::Profile;
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

#[test]
fn a_server_beside_a_window_tells_it_what_comes_and_saves_it_where_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, saved) = (
        folder.path().join("spool"),
        folder.path().join("mine.leveret"),
    );
    let header = Header::new(Profile::V4_2, vec!["/".into()], Vec::new(), 0);
    let world = World::new(&header.setup(&"/".into())).unwrap();
    let configuration = Configuration {
        users: [("guest".into(), "guest".to_owned())].into(),
        ..Configuration::default()
    };
    let server = Server::new(configuration, [("/".into(), Unrecorded::new(world))]);
    let (wake, woken) = std::sync::mpsc::channel();
    let feed = Feed::new(move || _ = wake.send(()));
    let beside = Companion::start(server, &header, spool.clone(), feed.clone(), |_| {});
    let mut beside = beside.unwrap();
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
    let mut seen = History::new(&header.setup(&"/".into())).unwrap();
    for (at, input) in heard {
        seen.input(at, input);
    }
    assert_eq!(seen.head().broker().queues()[0].ready_len(), 1);
    beside.act(Hand::Purge { queue: "q".into() });
    beside.save(&saved).unwrap();
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
    assert!(
        !beside.is_serving() && beside.save(&saved).is_ok(),
        "it can be saved afterwards"
    );
    drop(beside);
    assert!(!spool.exists() && saved.exists());
}
