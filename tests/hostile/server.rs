//! A server to be harmed, and who behaves.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use leveret::amqp::Method;

use crate::frames::{channel_open, method, open, queue_declare, start_ok};

/// How long anything may take before it is taken never to come. It is never waited for in vain unless a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Harmed {
    process: Child,
    pub(crate) address: String,
    /// What it tells, line by line.
    told: Receiver<String>,
}

impl Harmed {
    /// Starts a server that may have so many files open.
    pub(crate) fn start(files: u32) -> Self {
        let program = env!("CARGO_BIN_EXE_leveret");
        let mut process = Command::new("sh")
            .arg("-c")
            .arg(format!(
                "ulimit -n {files}; exec '{program}' serve --listen 127.0.0.1:0"
            ))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        said.read_line(&mut ready).unwrap();
        let address = ready.trim_end().strip_prefix("listening on ").unwrap();
        let (tell, told) = channel();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        std::thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .try_for_each(|line| tell.send(line))
        });
        Self {
            address: address.to_owned(),
            process,
            told,
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let socket = TcpStream::connect(&self.address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        socket
    }

    /// A client with channel 1 open, which agreed to give a sign of life every so many seconds.
    pub(crate) fn client(&self, heartbeat: u16) -> TcpStream {
        let mut socket = self.connect();
        socket.write_all(&greeting(heartbeat)).unwrap();
        socket
    }

    /// Whether somebody who behaves is let in, and served.
    pub(crate) fn serves(&self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let Ok(mut socket) = TcpStream::connect(&self.address) else {
                continue;
            };
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut said = greeting(0);
            said.extend(method(1, &queue_declare("served")));
            if socket.write_all(&said).is_ok() && hears(&mut socket, "served") {
                return true;
            }
        }
        false
    }

    /// The next lines that it tells, as many as asked for.
    pub(crate) fn lines(&self, count: usize) -> Vec<String> {
        (0..count)
            .map(|_| self.told.recv_timeout(PATIENCE).unwrap())
            .collect()
    }

    /// How much memory it has, in kibibytes, where that is told.
    pub(crate) fn resident(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// Ends it as a service manager does, which it is to take well.
    pub(crate) fn end(mut self) {
        let pid = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(asked.success());
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Harmed {
    fn drop(&mut self) {
        // It has ended, unless a test failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A client's first words, up to a channel that is open.
pub(crate) fn greeting(heartbeat: u16) -> Vec<u8> {
    let tune_ok = Method::ConnectionTuneOk {
        channel_max: 2_047,
        frame_max: 131_072,
        heartbeat,
    };
    let mut octets = b"AMQP\x00\x00\x09\x01".to_vec();
    octets.extend(method(0, &start_ok("PLAIN", b"\0guest\0guest")));
    octets.extend(method(0, &tune_ok));
    octets.extend(method(0, &open("/")));
    octets.extend(method(1, &channel_open()));
    octets
}

/// Whether a text comes on a socket before it ends.
pub(crate) fn hears(socket: &mut TcpStream, text: &str) -> bool {
    let mut heard = Vec::<u8>::new();
    let mut piece = [0; 4_096];
    while let Ok(count @ 1..) = socket.read(&mut piece) {
        heard.extend(&piece[..count]);
        if heard.windows(text.len()).any(|at| at == text.as_bytes()) {
            return true;
        }
    }
    false
}

/// Whether a socket comes to its end, whatever comes before.
pub(crate) fn ends(socket: &mut TcpStream) -> bool {
    let mut piece = [0; 65_536];
    loop {
        match socket.read(&mut piece) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Nothing for so long, or it was reset.
            Err(error) => {
                return !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
            }
        }
    }
}
