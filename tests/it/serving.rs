//! `leveret serve`, over real sockets.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use leveret::history::History;
use leveret::scenario;

use crate::wire::{channel_open, method, open, publish, queue_declare, start_ok, tune_ok};

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
    let mut socket = TcpStream::connect(address).unwrap();
    over(&mut socket, b"AMQP\x00\x00\x09\x01", 8);
    let mut octets = method(0, &start_ok("PLAIN", b"\0guest\0guest"));
    octets.extend(method(0, &tune_ok(10, 131_072)));
    octets.extend(method(0, &open("/")));
    octets.extend(method(1, &channel_open()));
    octets.extend(method(1, &queue_declare("q")));
    octets.extend(publish(1, "q", b"over a socket"));
    over(&mut socket, &octets, 40);
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
