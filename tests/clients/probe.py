#!/usr/bin/env python3
"""Asks an AMQP 0-9-1 server questions that no client library asks, and prints its exact answers.

    tests/clients/probe.py [PORT] [WORD ...]     only the questions that hold one of the WORDs

Frames are made by hand (struct only), so wrong ones can be made as well. One line per question,
as a table: `question | answer`. Run against RabbitMQ and against Leveret, two such tables can be
compared with diff:

    diff <(probe.py 5699) <(probe.py 5672)

Some questions need help from outside:
  PROBE_CTL   the server's rabbitmqctl (for instance "tests/clients/rabbitmq ctl 5699"): makes the
              user `nobody` (password `nobody`, no access to any vhost) and `reader` (may enter /, but neither
              configure, write nor read), and closes a connection by force. Without it the server must
              have the two users already.
  PROBE_SLOW  set to 1: also the questions that take more than a few seconds (heartbeats, deadline).
"""

import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

HOST = os.environ.get("PROBE_HOST", "127.0.0.1")
PORT = 5672
CTL = os.environ.get("PROBE_CTL", "").split()
SLOW = os.environ.get("PROBE_SLOW") == "1"

METHODS = {
    (10, 10): "connection.start", (10, 11): "connection.start-ok", (10, 20): "connection.secure",
    (10, 30): "connection.tune", (10, 31): "connection.tune-ok", (10, 40): "connection.open",
    (10, 41): "connection.open-ok", (10, 50): "connection.close", (10, 51): "connection.close-ok",
    (10, 60): "connection.blocked", (10, 61): "connection.unblocked",
    (10, 70): "connection.update-secret", (10, 71): "connection.update-secret-ok",
    (20, 11): "channel.open-ok", (20, 20): "channel.flow", (20, 21): "channel.flow-ok",
    (20, 40): "channel.close", (20, 41): "channel.close-ok",
    (40, 11): "exchange.declare-ok", (40, 21): "exchange.delete-ok", (40, 31): "exchange.bind-ok",
    (40, 51): "exchange.unbind-ok", (50, 11): "queue.declare-ok", (50, 21): "queue.bind-ok",
    (50, 31): "queue.purge-ok", (50, 41): "queue.delete-ok", (50, 51): "queue.unbind-ok",
    (60, 11): "basic.qos-ok", (60, 21): "basic.consume-ok", (60, 30): "basic.cancel",
    (60, 31): "basic.cancel-ok", (60, 50): "basic.return", (60, 60): "basic.deliver",
    (60, 71): "basic.get-ok", (60, 72): "basic.get-empty", (60, 80): "basic.ack",
    (60, 111): "basic.recover-ok", (60, 120): "basic.nack", (85, 11): "confirm.select-ok",
    (90, 11): "tx.select-ok", (90, 21): "tx.commit-ok", (90, 31): "tx.rollback-ok",
}


# ---------------------------------------------------------------- making

def short(s):
    s = s if isinstance(s, bytes) else s.encode()
    return bytes([len(s)]) + s


def long(s):
    s = s if isinstance(s, bytes) else s.encode()
    return struct.pack(">I", len(s)) + s


def table(*entries):
    """Entries are (name, type octet, the value's octets); nothing is checked."""
    return long(b"".join(short(k) + t.encode() + v for k, t, v in entries))


def method(cls, num, *parts):
    return struct.pack(">HH", cls, num) + b"".join(parts)


def frame(kind, channel, payload, end=b"\xce"):
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + end


def octet(n):
    return bytes([n])


def u16(n):
    return struct.pack(">H", n)


def u32(n):
    return struct.pack(">I", n)


def u64(n):
    return struct.pack(">Q", n)


CAPABILITIES = [(name, "t", b"\x01") for name in (
    "publisher_confirms", "exchange_exchange_bindings", "basic.nack", "consumer_cancel_notify",
    "connection.blocked", "authentication_failure_close")]


# ---------------------------------------------------------------- reading

class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        part = self.data[self.at:self.at + n]
        self.at += n
        if len(part) < n:
            raise ValueError("too short")
        return part

    def num(self, code):
        return struct.unpack(">" + code, self.take(struct.calcsize(code)))[0]

    def short(self):
        return text(self.take(self.num("B")))

    def long(self):
        return self.take(self.num("I"))

    def table(self):
        inner = Reader(self.long())
        out = []
        while inner.at < len(inner.data):
            key = inner.short()
            out.append(f"{key}={inner.value()}")
        return "{" + ", ".join(out) + "}"

    def value(self):
        """A value with its type octet as it came: `S'abc'`, `I-1`."""
        kind = chr(self.take(1)[0])
        codes = {"b": "b", "B": "B", "s": "h", "u": "H", "U": "h", "I": "i", "i": "I", "l": "q",
                 "L": "Q", "f": "f", "d": "d", "T": "Q"}
        if kind in codes:
            return f"{kind}:{self.num(codes[kind])}"
        if kind == "t":
            return f"t:{self.num('B')}"
        if kind == "V":
            return "V"
        if kind in "Sx":
            return f"{kind}:{text(self.long())!r}"
        if kind == "F":
            return "F:" + self.table()
        if kind == "D":
            scale = self.num("B")
            return f"D:{scale}/{self.num('i')}"
        if kind == "A":
            inner = Reader(self.long())
            out = []
            while inner.at < len(inner.data):
                out.append(inner.value())
            return "A:[" + ", ".join(out) + "]"
        raise ValueError("type octet " + repr(kind))


def text(octets):
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1").encode("unicode_escape").decode()


PROPERTIES = ["content_type", "content_encoding", "headers", "delivery_mode", "priority", "correlation_id",
              "reply_to", "expiration", "message_id", "timestamp", "type", "user_id", "app_id", "cluster_id"]


def properties(payload):
    r = Reader(payload)
    cls, weight, size, flags = r.num("H"), r.num("H"), r.num("Q"), r.num("H")
    out = [f"class {cls} size {size} flags 0x{flags:04x}"]
    for i, name in enumerate(PROPERTIES):
        if flags & (1 << (15 - i)):
            if name == "headers":
                v = r.table()
            elif name in ("delivery_mode", "priority"):
                v = r.num("B")
            elif name == "timestamp":
                v = r.num("Q")
            else:
                v = repr(r.short())
            out.append(f"{name}={v}")
    return " ".join(out)


def told(kind, channel, payload):
    """A frame in words."""
    on = f"ch{channel} "
    if kind == 8:
        return on + "heartbeat"
    if kind == 1 and payload[:4] == b"\0\x0a\0\x0a":
        return on + "connection.start"
    if kind == 3:
        return on + f"body {len(payload)} octets"
    if kind == 2:
        return on + "header " + properties(payload)
    if kind != 1:
        return on + f"frame type {kind}: {payload!r}"
    r = Reader(payload)
    cls, num = r.num("H"), r.num("H")
    name = METHODS.get((cls, num), f"{cls}.{num}")
    if (cls, num) in ((10, 50), (20, 40)):
        code, why = r.num("H"), r.short()
        return on + f'{name} {code} "{why}" class {r.num("H")} method {r.num("H")}'
    if (cls, num) == (10, 30):
        return on + f"{name} channel_max {r.num('H')} frame_max {r.num('I')} heartbeat {r.num('H')}"
    if (cls, num) == (50, 11):
        return on + f"{name} {r.short()!r} messages {r.num('I')} consumers {r.num('I')}"
    if (cls, num) == (60, 50):
        return on + f'{name} {r.num("H")} "{r.short()}" exchange {r.short()!r} key {r.short()!r}'
    if (cls, num) == (60, 71):
        tag, re = r.num("Q"), r.num("B")
        return on + f"{name} tag {tag} redelivered {re} exchange {r.short()!r} key {r.short()!r} count {r.num('I')}"
    if (cls, num) == (60, 60):
        return on + f"{name} {r.short()!r} tag {r.num('Q')} redelivered {r.num('B')} exchange {r.short()!r} key {r.short()!r}"
    if (cls, num) in ((60, 80), (60, 120)):
        return on + f"{name} tag {r.num('Q')} bits {r.num('B')}"
    if (cls, num) in ((60, 21), (60, 31), (60, 30)):
        return on + f"{name} {r.short()!r}"
    if (cls, num) == (20, 21):
        return on + f"{name} active {r.num('B')}"
    if (cls, num) == (60, 72):
        return on + name
    rest = payload[4:]
    return on + name + (f" {rest!r}" if rest.strip(b"\0") else "")


class Wire:
    """A socket, and what has been heard on it."""

    def __init__(self):
        self.sock = socket.create_connection((HOST, PORT), 5)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.ended = None

    def send(self, *parts):
        try:
            self.sock.sendall(b"".join(parts))
        except OSError as e:
            self.ended = self.ended or f"cannot send: {type(e).__name__}"
        return self

    def m(self, channel, cls, num, *parts):
        return self.send(frame(1, channel, method(cls, num, *parts)))

    def frame(self, wait=1.0):
        """The next frame, or None; self.ended tells how the socket ended, if it did."""
        until = time.monotonic() + wait
        while True:
            if self.buffer[:4] == b"AMQP" and len(self.buffer) >= 8:
                raw, self.buffer = self.buffer[:8], self.buffer[8:]
                return ("header", 0, raw)
            if len(self.buffer) >= 7 and self.buffer[:4] != b"AMQP":
                kind, channel, size = struct.unpack(">BHI", self.buffer[:7])
                if len(self.buffer) >= size + 8:
                    payload, end = self.buffer[7:7 + size], self.buffer[7 + size]
                    self.buffer = self.buffer[8 + size:]
                    assert end == 0xCE, end
                    return (kind, channel, payload)
            left = until - time.monotonic()
            if left <= 0:
                return None
            self.sock.settimeout(left)
            try:
                more = self.sock.recv(1 << 20)
            except socket.timeout:
                return None
            except OSError as e:
                self.ended = f"socket reset ({type(e).__name__})"
                return None
            if not more:
                self.ended = "socket closed"
                return None
            self.buffer += more

    def hear(self, wait=0.6, until=None):
        """Everything said within `wait` seconds of silence, in words."""
        out = []
        while True:
            f = self.frame(wait)
            if f is None:
                break
            if f[0] == "header":
                out.append(f"protocol header {f[2]!r}")
                continue
            out.append(told(*f))
            if f[0] == 1 and f[2][:4] == b"\0\x0a\0\x32":
                self.m(0, 10, 51)  # be polite: connection.close-ok
            if until and until in out[-1]:
                break
        if self.ended:
            out.append(self.ended)
        return "; ".join(out) or "nothing (still open)"

    def expect(self, cls, num, wait=5):
        f = self.frame(wait)
        while f and f[0] == 8:
            f = self.frame(wait)
        if not f or f[0] != 1 or struct.unpack(">HH", f[2][:4]) != (cls, num):
            raise AssertionError(f"wanted {METHODS[cls, num]}, got {told(*f) if f and f[0] != 'header' else f or self.ended}")
        return Reader(f[2][4:])

    # the handshake in steps
    def greet(self):
        self.send(b"AMQP\0\0\x09\x01")
        self.expect(10, 10)
        return self

    def start_ok(self, user="guest", password="guest", mechanism="PLAIN", response=None, capabilities=CAPABILITIES):
        response = response if response is not None else f"\0{user}\0{password}"
        return self.m(0, 10, 11, table(("capabilities", "F", table(*capabilities))), short(mechanism), long(response), short("en_US"))

    def tuned(self, **kw):
        self.greet().start_ok(**kw)
        self.expect(10, 30)
        return self

    def tune_ok(self, channel_max=2047, frame_max=131072, heartbeat=0):
        return self.m(0, 10, 31, u16(channel_max), u32(frame_max), u16(heartbeat))

    def open(self, vhost="/"):
        return self.m(0, 10, 40, short(vhost), short(""), octet(0))


def connected(vhost="/", channel_max=2047, frame_max=131072, heartbeat=0, **kw):
    w = Wire().tuned(**kw).tune_ok(channel_max, frame_max, heartbeat).open(vhost)
    w.expect(10, 41)
    return w


def channel(**kw):
    w = connected(**kw)
    return chan(w, 1)


def chan(w, n):
    w.m(n, 20, 10, short(""))
    w.expect(20, 11)
    return w


# bits: passive 1, durable 2, exclusive 4, auto-delete 8, nowait 16
def declare(w, name, bits=4, args=b"\0\0\0\0", ch=1):
    return w.m(ch, 50, 10, u16(0), short(name), octet(bits), args)


def declared(name="", bits=4, args=b"\0\0\0\0", **kw):
    w = channel(**kw)
    declare(w, name, bits, args)
    r = w.expect(50, 11)
    w.queue = r.short()
    return w


def exchange(w, name, kind="direct", bits=4, args=b"\0\0\0\0"):
    """bits: passive 1, durable 2, auto-delete 4, internal 8, nowait 16"""
    return w.m(1, 40, 10, u16(0), short(name), short(kind), octet(bits), args)


def publish(w, exchange="", key="", flags=0, values=b"", body=b"x", bits=0, size=None, cls=60, weight=0, ch=1):
    key = short(key)
    w.m(ch, 60, 40, u16(0), short(exchange), key, octet(bits))
    w.send(frame(2, ch, struct.pack(">HHQH", cls, weight, len(body) if size is None else size, flags) + values))
    if body:
        w.send(frame(3, ch, body))
    return w


def get(w, queue, ack=False, ch=1):
    return w.m(ch, 60, 70, u16(0), short(queue), octet(0 if ack else 1))


def consume(w, queue, tag="", bits=0, args=b"\0\0\0\0", ch=1):
    """bits: no-local 1, no-ack 2, exclusive 4, nowait 8"""
    return w.m(ch, 60, 20, u16(0), short(queue), short(tag), octet(bits), args)


QUESTION = threading.local()  # the number of the one that this thread asks


def mine(name):
    """A name that no other question and no other run uses; printed as `probe.name`."""
    return f"probe.{os.getpid()}.{QUESTION.number}.{name}"


# ---------------------------------------------------------------- the questions

QUESTIONS = []


def ask(title, slow=False):
    def add(f):
        QUESTIONS.append((title, f, slow))
        return f
    return add


def q(title, f, slow=False):
    QUESTIONS.append((title, f, slow))


# --- handshake

@ask("connection.start: version, server-properties, mechanisms, locales")
def _():
    w = Wire().send(b"AMQP\0\0\x09\x01")
    r = w.expect(10, 10)
    return f"version {r.num('B')}-{r.num('B')} {r.table()} mechanisms {r.long().decode()!r} locales {r.long().decode()!r}"


@ask("connection.tune")
def _():
    return Wire().greet().start_ok().hear(4)


for header in (b"AMQP\0\0\x09\x00", b"AMQP\x01\x01\0\x09", b"AMQP\x01\x01\x08\x00", b"AMQP\0\x01\x00\x00", b"AMQP\x03\x01\x00\x00",
               b"AMQP\x01\x01\x09\x01", b"AMQP\0\0\x09\x02", b"HTTP/1.1", b"GET / HTTP/1.1\r\n\r\n", b"AMQX\0\0\x09\x01", b"AMQP"):
    q(f"protocol header {header!r}", lambda header=header: Wire().send(header).hear(12, "connection.start"))

q("the right header, twice", lambda: Wire().send(b"AMQP\0\0\x09\x01" * 2).hear(12).split(";")[-1].strip())
for channel_max in (0, 1, 2048, 3000):
    q(f"tune-ok channel_max {channel_max}", lambda c=channel_max: Wire().tuned().tune_ok(channel_max=c).open().hear(14, "open-ok"))
for frame_max in (0, 1000, 4095, 4096, 8192, 131073, 200000):
    q(f"tune-ok frame_max {frame_max}", lambda c=frame_max: Wire().tuned().tune_ok(frame_max=c).open().hear(14, "open-ok"))


@ask("tune-ok channel_max 0: is channel 2047 / 2048 let in?")
def _():
    a = connected(channel_max=0).m(2047, 20, 10, short("")).hear(4)
    b = connected(channel_max=0).m(2048, 20, 10, short("")).hear(4)
    return f"2047: {a}; 2048: {b}"


q("connection.open of a missing vhost", lambda: Wire().tuned().tune_ok().open("nowhere").hear(14, "open-ok"))
q("connection.open of an empty vhost name", lambda: Wire().tuned().tune_ok().open("").hear(14, "open-ok"))
q("connection.open of a vhost without permission (user nobody)", lambda: Wire().tuned(user="nobody", password="nobody").tune_ok().open("/").hear(14, "open-ok"))
q("unknown SASL mechanism", lambda: Wire().greet().start_ok(mechanism="FANCY").hear(14, "tune"))
q("unknown SASL mechanism, without authentication_failure_close", lambda: Wire().greet().start_ok(mechanism="FANCY", capabilities=[]).hear(14, "tune"))
q("mechanism AMQPLAIN", lambda: Wire().greet().start_ok(mechanism="AMQPLAIN", response=table(("LOGIN", "S", long("guest")), ("PASSWORD", "S", long("guest")))[4:]).hear(14, "tune"))
q("mechanism AMQPLAIN without PASSWORD", lambda: Wire().greet().start_ok(mechanism="AMQPLAIN", response=table(("LOGIN", "S", long("guest")))[4:]).hear(14, "tune"))
q("mechanism ANONYMOUS", lambda: Wire().greet().start_ok(mechanism="ANONYMOUS", response="").hear(14, "tune"))
q("mechanism EXTERNAL", lambda: Wire().greet().start_ok(mechanism="EXTERNAL", response="").hear(14, "tune"))
q("mechanism 'plain' in small letters", lambda: Wire().greet().start_ok(mechanism="plain").hear(14, "tune"))
q("malformed PLAIN response (no NUL)", lambda: Wire().greet().start_ok(response="guest").hear(14, "tune"))
q("malformed PLAIN response (no NUL), without the capability", lambda: Wire().greet().start_ok(response="guest", capabilities=[]).hear(14, "tune"))
q("PLAIN response with an authzid", lambda: Wire().greet().start_ok(response="guest\0guest\0guest").hear(14, "tune"))
q("empty PLAIN response", lambda: Wire().greet().start_ok(response="").hear(14, "tune"))
q("wrong password, with authentication_failure_close", lambda: Wire().greet().start_ok(password="no").hear(14, "tune"))
q("wrong password, without authentication_failure_close", lambda: Wire().greet().start_ok(password="no", capabilities=[]).hear(14, "tune"))
q("wrong user, with authentication_failure_close", lambda: Wire().greet().start_ok(user="who", password="no").hear(14, "tune"))
q("start-ok: empty client-properties", lambda: Wire().greet().m(0, 10, 11, table(), short("PLAIN"), long("\0guest\0guest"), short("en_US")).hear(4))
q("start-ok: locale it_IT", lambda: Wire().greet().m(0, 10, 11, table(), short("PLAIN"), long("\0guest\0guest"), short("it_IT")).hear(4))
q("connection.start-ok sent twice (before tune-ok)", lambda: Wire().tuned().start_ok().hear(14, "open-ok"))
q("connection.open before tune-ok", lambda: Wire().tuned().open().hear(14, "open-ok"))
q("tune-ok before start-ok", lambda: Wire().greet().tune_ok().hear(14, "open-ok"))
q("channel.open before connection.open", lambda: Wire().tuned().tune_ok().m(1, 20, 10, short("")).hear(14, "open-ok"))
q("connection.start-ok after the handshake", lambda: connected().start_ok().hear(14, "open-ok"))
q("connection.open twice", lambda: connected().open().hear(14, "open-ok"))
q("connection.close before connection.open", lambda: Wire().tuned().tune_ok().m(0, 10, 50, u16(200), short("bye"), u16(0), u16(0)).hear(12))
q("connection.close", lambda: connected().m(0, 10, 50, u16(200), short("bye"), u16(0), u16(0)).hear(12))
q("connection.update-secret", lambda: connected().m(0, 10, 70, long("guest"), short("because")).hear(4))
q("connection.update-secret with a wrong secret", lambda: connected().m(0, 10, 70, long("nonsense"), short("because")).hear(4))


@ask("order of tune-ok and open in one segment, then channel.open and queue.declare (pipelined)")
def _():
    w = Wire().tuned()
    w.send(frame(1, 0, method(10, 31, u16(2047), u32(131072), u16(0))), frame(1, 0, method(10, 40, short("/"), short(""), octet(0))),
           frame(1, 1, method(20, 10, short(""))), frame(1, 1, method(50, 10, u16(0), short(mine("pipe")), octet(4), table())))
    return w.hear(4)


# --- frames and channels

q("a method on channel 5 never opened", lambda: declare(connected(), "", ch=5).hear(4))
q("basic.publish on channel 5 never opened", lambda: publish(connected(), ch=5).hear(4))
q("a header frame on channel 5 never opened", lambda: connected().send(frame(2, 5, struct.pack(">HHQH", 60, 0, 1, 0))).hear(4))
q("channel.close on channel 5 never opened", lambda: connected().m(5, 20, 40, u16(200), short(""), u16(0), u16(0)).hear(4))
q("channel.close-ok on channel 5 never opened", lambda: connected().m(5, 20, 41).hear(4))
q("second channel.open on channel 1", lambda: channel().m(1, 20, 10, short("")).hear(4))
q("channel.open on channel 0", lambda: connected().m(0, 20, 10, short("")).hear(4))
q("channel.open above channel_max (tuned 10, channel 11)", lambda: connected(channel_max=10).m(11, 20, 10, short("")).hear(4))
q("channel.close", lambda: channel().m(1, 20, 40, u16(200), short("bye"), u16(0), u16(0)).hear())
q("a method on a channel that the client closed", lambda: declare(channel().m(1, 20, 40, u16(200), short("bye"), u16(0), u16(0)), "").hear(4))
q("a method on a channel that the client closed, half a second later", lambda: (lambda w: w.m(1, 20, 40, u16(200), short("bye"), u16(0), u16(0)).hear(0.5) + " | " + declare(w, "").hear(4))(channel()))
q("a connection method on channel 1", lambda: channel().m(1, 10, 50, u16(200), short("bye"), u16(0), u16(0)).hear(4))
for n in (4089, 4096, 4097):
    q(f"a frame bigger than frame_max (body frame, frame_max 4096, payload {n})", lambda n=n: publish(channel(frame_max=4096), key="nowhere", body=b"x" * n, bits=1).hear(4))
q("the same, the frame whole in one segment with what comes before it", lambda: channel(frame_max=4096).send(
    frame(1, 1, method(60, 40, u16(0), short(""), short("none"), octet(0))), frame(2, 1, struct.pack(">HHQH", 60, 0, 5000, 0)), frame(3, 1, b"x" * 5000)).hear(4))
q("a method frame bigger than frame_max (queue.declare with a table of 5000)", lambda: declare(channel(frame_max=4096), "", 4, table(("a", "S", long("x" * 5000)))).hear(4))
q("channel_max 2: channels 1, 2, 3", lambda: connected(channel_max=2).m(1, 20, 10, short("")).m(2, 20, 10, short("")).m(3, 20, 10, short("")).hear(4))
q("channel_max 2: channels 7, 8, then 9", lambda: connected(channel_max=2).m(7, 20, 10, short("")).m(8, 20, 10, short("")).m(9, 20, 10, short("")).hear(4))
q("a body frame of exactly frame_max (payload 4088)", lambda: publish(channel(frame_max=4096), key="nowhere", body=b"x" * 4088, bits=1).hear(4))
q("a frame bigger than frame_max announced in its header only, on channel 0", lambda: connected(frame_max=4096).send(struct.pack(">BHI", 1, 0, 5000)).hear(4))
q("bad frame-end octet", lambda: channel().send(frame(1, 1, method(90, 10), b"\xcd")).hear(4))
q("bad frame-end octet on channel 0, in the handshake", lambda: Wire().tuned().send(frame(1, 0, method(10, 31, u16(0), u32(0), u16(0)), b"\xcd")).hear(4))
q("unknown frame type 9", lambda: channel().send(frame(9, 1, b"abc")).hear(4))
q("unknown frame type 4 on channel 0", lambda: channel().send(frame(4, 0, b"abc")).hear(4))
q("unknown class id 55 on channel 1", lambda: channel().m(1, 55, 10).hear(4))
q("unknown method id 50.99 on channel 1", lambda: channel().m(1, 50, 99).hear(4))
q("unknown method id 10.99 on channel 0", lambda: channel().m(0, 10, 99).hear(4))
q("a method that only a server sends (queue.declare-ok) on channel 1", lambda: channel().m(1, 50, 11, short("a"), u32(0), u32(0)).hear(4))
q("a method frame of 2 octets", lambda: channel().send(frame(1, 1, b"\0\x0a")).hear(4))
q("an empty method frame", lambda: channel().send(frame(1, 1, b"")).hear(4))
q("queue.declare cut short", lambda: channel().m(1, 50, 10, u16(0), octet(200), b"abc").hear(4))
q("queue.declare with octets left over", lambda: channel().m(1, 50, 10, u16(0), short(""), octet(4), table(), b"more").hear(4))
q("a table with the unknown type octet 'Z' in queue.declare", lambda: declare(channel(), "", 4, table(("a", "Z", b"\0"))).hear(4))
q("a table longer than the method in queue.declare", lambda: declare(channel(), "", 4, u32(500)).hear(4))
q("body without header (after basic.publish)", lambda: channel().m(1, 60, 40, u16(0), short(""), short("k"), octet(0)).send(frame(3, 1, b"x")).hear(4))
q("body without any publish", lambda: channel().send(frame(3, 1, b"x")).hear(4))
q("header without any publish", lambda: channel().send(frame(2, 1, struct.pack(">HHQH", 60, 0, 1, 0))).hear(4))
q("header frame with class id 50", lambda: publish(channel(), cls=50).hear(4))


@ask("header frame with weight 7")
def _():
    w = declared()
    return publish(w, key=w.queue, weight=7).hear() + " | get: " + get(w, w.queue).hear()


q("body longer than announced (announced 1, sent 5)", lambda: (lambda w: publish(w, key=w.queue, size=1, body=b"12345").hear(2) + " | get: " + get(w, w.queue).hear())(declared()))
q("body longer than announced (announced 5, sent 3 and 4)", lambda: (lambda w: publish(w, key=w.queue, size=5, body=b"123").send(frame(3, 1, b"4567")).hear(2) + " | get: " + get(w, w.queue).hear())(declared()))
q("announced 0, body frame of 3", lambda: publish(channel(), key="nowhere", size=0, body=b"123").hear(4))


@ask("an empty body frame in the middle")
def _():
    w = declared()
    publish(w, key=w.queue, size=3, body=b"")
    w.send(frame(3, 1, b""), frame(3, 1, b"abc"))
    return get(w, w.queue).hear()


q("a method in the middle of content (after publish)", lambda: channel().m(1, 60, 40, u16(0), short(""), short("k"), octet(0)).m(1, 90, 10).hear(4))
q("a method in the middle of content (after the header)", lambda: publish(channel(), size=5, body=b"").m(1, 90, 10).hear(4))
q("a second header in the middle of content", lambda: publish(channel(), size=5, body=b"").send(frame(2, 1, struct.pack(">HHQH", 60, 0, 1, 0))).hear(4))
q("a header cut short", lambda: channel().m(1, 60, 40, u16(0), short(""), short("k"), octet(0)).send(frame(2, 1, b"\0\x3c\0\0")).hear(4))
q("a header whose properties are cut short", lambda: publish(channel(), flags=0x8000, values=b"\x20abc", body=b"x").hear(4))
q("heartbeat frame on channel 1", lambda: declare(channel().send(frame(8, 1, b"")), mine("hb")).hear(4))
q("heartbeat frame with a payload", lambda: declare(channel().send(frame(8, 0, b"abc")), mine("hb2")).hear(4))
q("content method on channel 0", lambda: connected().m(0, 60, 40, u16(0), short(""), short("k"), octet(0)).hear(4))
q("body frame on channel 0", lambda: connected().send(frame(3, 0, b"x")).hear(4))
q("queue.declare on channel 0", lambda: declare(connected(), "", ch=0).hear(4))


@ask("after a channel error: more methods before close-ok, then close-ok, then open again")
def _():
    w = channel()
    declare(w, mine("none"), 1)
    a = w.hear()
    b = publish(declare(w, ""), key="x").hear()
    c = w.m(1, 20, 41).m(1, 20, 10, short("")).hear()
    return f"{a} | then {b} | then {c}"


@ask("after a channel error: channel.open before close-ok")
def _():
    w = channel()
    declare(w, mine("none"), 1)
    w.hear()
    return w.m(1, 20, 10, short("")).hear(4)


@ask("after a channel error: channel.close of ours crosses the server's")
def _():
    w = channel()
    w.send(frame(1, 1, method(50, 10, u16(0), short(mine("none")), octet(1), table())), frame(1, 1, method(20, 40, u16(200), short(""), u16(0), u16(0))))
    a = w.hear()
    return a + " | then " + w.m(1, 20, 41).m(1, 20, 10, short("")).hear()


# --- names

q("non-UTF-8 queue name in queue.declare", lambda: declare(channel(), b"\xff\xfe").hear(4))
q("non-UTF-8 exchange name in exchange.declare", lambda: exchange(channel(), b"\xff\xfe").hear(4))
q("non-UTF-8 consumer tag", lambda: (lambda w: consume(w, w.queue, b"\xff\xfe").hear(4))(declared()))
q("non-UTF-8 queue name in queue.declare passive (missing)", lambda: declare(channel(), b"\xff\xfe", 1).hear(4))
q("non-UTF-8 routing key in basic.publish, mandatory, unroutable", lambda: publish(channel(), key=b"\xff\xfe", bits=1).hear(4))


@ask("non-UTF-8 routing key through amq.fanout")
def _():
    w = declared()
    w.m(1, 50, 20, u16(0), short(w.queue), short("amq.fanout"), short(""), octet(0), table())
    w.hear(0.2)
    return publish(w, "amq.fanout", b"\xff\xfe").hear(0.5) + " | " + get(w, w.queue).hear()


@ask("non-UTF-8 header value and content type")
def _():
    w = declared()
    publish(w, "", w.queue, flags=0xA000, values=short(b"\xff\xfe") + table(("a", "S", long(b"\xff\xfe"))))
    return get(w, w.queue).hear()


q("a queue name with a NUL octet", lambda: declare(channel(), b"a\0b").hear(4))
q("a queue name amq.x", lambda: declare(channel(), "amq.x").hear(4))
q("a server-named queue", lambda: declare(channel(), "").hear())
q("a queue with CR LF in its name", lambda: declare(channel(), mine("a\r\nb")).hear())

# --- field tables in messages


def roundtrip(*entries):
    def go():
        w = declared()
        publish(w, "", w.queue, flags=0x2000, values=table(*entries))
        return get(w, w.queue).hear()
    return go


q("header type 't'", roundtrip(("a", "t", b"\x01"), ("b", "t", b"\x00"), ("c", "t", b"\x05")))
q("header type 'b' (int8)", roundtrip(("a", "b", b"\xff")))
q("header type 'B' (uint8)", roundtrip(("a", "B", b"\xff")))
q("header type 's' (int16)", roundtrip(("a", "s", b"\xff\xfe")))
q("header type 'u' (uint16)", roundtrip(("a", "u", b"\xff\xfe")))
q("header type 'U'", roundtrip(("a", "U", b"\xff\xfe")))
q("header type 'I' (int32)", roundtrip(("a", "I", b"\xff\xff\xff\xfe")))
q("header type 'i' (uint32)", roundtrip(("a", "i", b"\xff\xff\xff\xfe")))
q("header type 'l' (int64)", roundtrip(("a", "l", b"\xff" * 7 + b"\xfe"), ("small", "l", u64(5))))
q("header type 'L'", roundtrip(("a", "L", b"\xff" * 7 + b"\xfe")))
q("header type 'f'", roundtrip(("a", "f", struct.pack(">f", 1.5)), ("b", "f", struct.pack(">f", 0.1))))
q("header type 'f' NaN", roundtrip(("a", "f", b"\x7f\xc0\0\0")))
q("header type 'd'", roundtrip(("a", "d", struct.pack(">d", 0.1))))
q("header type 'd' infinity", roundtrip(("a", "d", struct.pack(">d", float("inf")))))
q("header type 'D'", roundtrip(("a", "D", b"\x02" + struct.pack(">i", -314))))
q("header type 'S'", roundtrip(("a", "S", long("abc")), ("empty", "S", long(""))))
q("header type 'x'", roundtrip(("a", "x", long(b"\x00\xff"))))
q("header type 'T'", roundtrip(("a", "T", u64(1700000000))))
q("header type 'V'", roundtrip(("a", "V", b"")))
q("header type 'F'", roundtrip(("a", "F", table(("x", "I", u32(1)), ("y", "F", table())))))
q("header type 'A'", roundtrip(("a", "A", long(b"I" + u32(1) + b"S" + long("z") + b"V" + b"t\x01" + b"A" + long(b"") + b"F" + table()))))
q("header of unknown type 'Z'", roundtrip(("a", "Z", b"\x01")))
q("order of headers", roundtrip(("z", "I", u32(1)), ("a", "I", u32(2)), ("m", "S", long("x")), ("b", "t", b"\x01")))
q("duplicate keys in headers", roundtrip(("z", "I", u32(1)), ("a", "I", u32(2)), ("z", "S", long("again"))))
q("empty key in headers", roundtrip(("", "I", u32(1))))
q("headers: an empty table", roundtrip())


def with_props(flags, values=b"", **kw):
    def go():
        w = declared()
        publish(w, "", w.queue, flags=flags, values=values, **kw)
        return get(w, w.queue).hear()
    return go


q("no properties at all", with_props(0))
q("delivery_mode 1", with_props(0x1000, b"\x01"))
q("delivery_mode 2", with_props(0x1000, b"\x02"))
q("delivery_mode 0", with_props(0x1000, b"\x00"))
q("delivery_mode 7", with_props(0x1000, b"\x07"))
q("priority 0", with_props(0x0800, b"\x00"))
q("priority 255", with_props(0x0800, b"\xff"))
q("property flags: lowest bit set (continuation), one more word of 0", with_props(0x0001, u16(0)))
q("property flags: lowest bit set, nothing after", with_props(0x0001))
q("property flags: bit 1 set (unknown property)", with_props(0x0002))
q("property cluster-id", with_props(0x0004, short("cl")))
q("all properties", with_props(0xFFFC, short("text/plain") + short("gzip") + table(("a", "I", u32(1))) + b"\x02\x05" + short("cid") + short("rt") + short("60000") + short("mid") + u64(1700000000) + short("ty") + short("guest") + short("app") + short("cl")))
q("empty strings as properties", with_props(0xC000, short("") + short("")))
q("octets left over after the properties", with_props(0x1000, b"\x02more"))
q("user_id of someone else", lambda: publish(channel(), "", "x", flags=0x0010, values=short("who")).hear(4))
for value in ("abc", "-1", "1.5", "", "4294967295", "4294967296", "99999999999999", " 5", "5 "):
    q(f"expiration {value!r}", lambda v=value: (lambda w: publish(w, "", w.queue, flags=0x0100, values=short(v)).hear() + " | get: " + get(w, w.queue).hear(0.5))(declared()))
q("an empty body", with_props(0, body=b""))
q("header CC as a string", lambda: (lambda w: publish(w, "", w.queue, flags=0x2000, values=table(("CC", "S", long("x")))).hear(1))(declared()))
q("header CC and BCC as arrays", lambda: (lambda w: publish(w, "", "none", flags=0x2000, values=table(("CC", "A", long(b"S" + long(w.queue))), ("BCC", "A", long(b"S" + long("b"))))).hear(0.5) + " | get: " + get(w, w.queue).hear(0.5))(declared()))
q("header CC array of ints", lambda: (lambda w: publish(w, "", w.queue, flags=0x2000, values=table(("CC", "A", long(b"I" + u32(4))))).hear(0.5) + " | get: " + get(w, w.queue).hear(0.5))(declared()))

# --- publishing

q("basic.publish to a missing exchange", lambda: publish(channel(), "nowhere", "k").hear(4))
q("basic.publish with immediate=true", lambda: publish(channel(), "", "k", bits=2).hear(4))
q("basic.publish mandatory, unroutable", lambda: publish(channel(), "", "nowhere", bits=1).hear())
q("confirm: mandatory and unroutable", lambda: (lambda w: publish(w, "", "nowhere", bits=1).hear())(confirming()))
q("confirm: three publishes", lambda: (lambda w: [publish(w, "", "nowhere") for _ in range(3)][-1].hear())(confirming()))


def confirming():
    w = channel()
    w.m(1, 85, 10, octet(0))
    w.expect(85, 11)
    return w


@ask("basic.publish to an internal exchange")
def _():
    w = channel()
    exchange(w, mine("int"), "fanout", 4 + 8).expect(40, 11)
    return publish(w, mine("int"), "k").hear(4)


@ask("body of 16 MiB + 1")
def _():
    w = channel()
    size = 16 * 1024 * 1024 + 1
    w.m(1, 60, 40, u16(0), short(""), short("nowhere"), octet(1))
    w.send(frame(2, 1, struct.pack(">HHQH", 60, 0, size, 0)))
    first = w.hear(0.5)
    if "open" not in first:
        return "after the header: " + first
    left = size
    while left and not w.ended:
        part = min(left, 131072 - 8)
        w.send(frame(3, 1, b"x" * part))
        left -= part
    return "after the body: " + w.hear(2)


@ask("body of 16 MiB exactly")
def _():
    w = channel()
    left = 16 * 1024 * 1024
    w.m(1, 60, 40, u16(0), short(""), short("nowhere"), octet(0))
    w.send(frame(2, 1, struct.pack(">HHQH", 60, 0, left, 0)))
    while left and not w.ended:
        part = min(left, 131072 - 8)
        w.send(frame(3, 1, b"x" * part))
        left -= part
    return w.hear(2)


@ask("how a body of 300000 is cut into frames (frame_max 131072)")
def _():
    w = declared()
    w.m(1, 60, 40, u16(0), short(""), short(w.queue), octet(0))
    w.send(frame(2, 1, struct.pack(">HHQH", 60, 0, 300000, 0)))
    for n in (131064, 131064, 37872):
        w.send(frame(3, 1, b"x" * n))
    return get(w, w.queue).hear()


# --- queues

q("queue.declare passive of a missing queue", lambda: declare(channel(), mine("none"), 1).hear(4))
q("queue.declare passive nowait of a missing queue", lambda: declare(channel(), mine("none"), 17).hear(4))
q("queue.declare with the empty name, passive, none declared", lambda: declare(channel(), "", 1).hear(4))


def mismatch(bits1, args1, bits2, args2):
    def go():
        w = channel()
        name = mine("mis")
        declare(w, name, bits1, args1).expect(50, 11)
        out = declare(w, name, bits2, args2).hear(1)
        other = channel()
        other.m(1, 50, 40, u16(0), short(name), octet(0)).hear(0.1)
        w.sock.close()
        return out
    return go


E = b"\0\0\0\0"
q("redeclare: durable differs", mismatch(2, E, 0, E))
q("redeclare: auto_delete differs", mismatch(2, E, 10, E))
q("redeclare: exclusive differs (not exclusive, then exclusive)", mismatch(2, E, 6, E))
q("redeclare: exclusive differs (exclusive, then not)", mismatch(4, E, 0, E))
q("redeclare: x-message-ttl differs", mismatch(2, table(("x-message-ttl", "I", u32(1000))), 2, table(("x-message-ttl", "I", u32(2000)))))
q("redeclare: x-message-ttl was not there", mismatch(2, E, 2, table(("x-message-ttl", "I", u32(2000)))))
q("redeclare: x-message-ttl is gone", mismatch(2, table(("x-message-ttl", "I", u32(1000))), 2, E))
q("redeclare: the same x-message-ttl as another integer type ('l')", mismatch(2, table(("x-message-ttl", "I", u32(1000))), 2, table(("x-message-ttl", "l", u64(1000)))))
q("redeclare: x-max-length as string", mismatch(2, E, 2, table(("x-max-length", "S", long("5")))))
q("redeclare: x-dead-letter-exchange differs", mismatch(2, table(("x-dead-letter-exchange", "S", long("a"))), 2, table(("x-dead-letter-exchange", "S", long("b")))))
q("redeclare: x-queue-type differs", mismatch(2, E, 2, table(("x-queue-type", "S", long("quorum")))))
q("redeclare: an unknown argument differs", mismatch(2, table(("hello", "I", u32(1))), 2, table(("hello", "I", u32(2)))))
for args in ([("x-message-ttl", "I", struct.pack(">i", -1))], [("x-message-ttl", "S", long("abc"))], [("x-expires", "I", u32(0))],
             [("x-max-length", "I", struct.pack(">i", -1))], [("x-max-priority", "I", u32(256))], [("x-max-priority", "I", struct.pack(">i", -1))], [("x-overflow", "S", long("odd"))],
             [("x-dead-letter-routing-key", "S", long("a"))], [("x-dead-letter-exchange", "I", u32(5))], [("x-queue-type", "S", long("odd"))],
             [("x-queue-mode", "S", long("odd"))], [("x-single-active-consumer", "S", long("odd"))]):
    q(f"queue.declare with {args[0][0]} {args[0][1]} {args[0][2]!r}", lambda args=args: declare(channel(), "", 4, table(*args)).hear(1))
q("quorum queue, not durable", lambda: declare(channel(), mine("qq"), 0, table(("x-queue-type", "S", long("quorum")))).hear(1))
q("quorum queue, exclusive", lambda: declare(channel(), mine("qq"), 6, table(("x-queue-type", "S", long("quorum")))).hear(1))
q("quorum queue with x-max-priority", lambda: declare(channel(), mine("qq"), 2, table(("x-queue-type", "S", long("quorum")), ("x-max-priority", "I", u32(5)))).hear(1))
q("transient, not exclusive queue", lambda: (lambda w: declare(w, mine("tr"), 0).hear(1) + " | " + w.m(1, 50, 40, u16(0), short(mine("tr")), octet(0)).hear(0.5))(channel()))


@ask("exclusive queue: declare from another connection")
def _():
    w = declared(mine("ex"))
    return declare(channel(), mine("ex"), 4).hear(1) + (" " if w else "")


@ask("exclusive queue: declare passive from another connection")
def _():
    w = declared(mine("ex"))
    return declare(channel(), mine("ex"), 1).hear(1) + (" " if w else "")


@ask("exclusive queue: consume / get / bind / delete / purge from another connection")
def _():
    w = declared(mine("ex"))
    out = [consume(channel(), mine("ex")).hear(0.5), get(channel(), mine("ex")).hear(0.5),
           channel().m(1, 50, 20, u16(0), short(mine("ex")), short("amq.direct"), short("k"), octet(0), E).hear(0.5),
           channel().m(1, 50, 40, u16(0), short(mine("ex")), octet(0)).hear(0.5), channel().m(1, 50, 30, u16(0), short(mine("ex")), octet(0)).hear(0.5)]
    return " | ".join(out) + (" " if w else "")


q("queue.delete of a missing queue", lambda: channel().m(1, 50, 40, u16(0), short(mine("none")), octet(0)).hear())
q("queue.purge of a missing queue", lambda: channel().m(1, 50, 30, u16(0), short(mine("none")), octet(0)).hear())
q("queue.purge with the empty name, none declared", lambda: channel().m(1, 50, 30, u16(0), short(""), octet(0)).hear())


@ask("queue.delete if-unused, in use")
def _():
    w = declared()
    consume(w, w.queue).hear(0.2)
    return w.m(1, 50, 40, u16(0), short(w.queue), octet(1)).hear(1)


@ask("queue.delete if-empty, not empty")
def _():
    w = declared()
    publish(w, "", w.queue).hear(0.5)
    return w.m(1, 50, 40, u16(0), short(w.queue), octet(2)).hear(1)


@ask("queue.delete while consumed: basic.cancel to the consumer (capability)")
def _():
    w = declared()
    consume(w, w.queue, "me").hear(0.2)
    return w.m(1, 50, 40, u16(0), short(w.queue), octet(0)).hear(1)


@ask("queue.delete while consumed, client without consumer_cancel_notify")
def _():
    w = declared(capabilities=[])
    consume(w, w.queue, "me").hear(0.2)
    return w.m(1, 50, 40, u16(0), short(w.queue), octet(0)).hear(1)


q("queue.bind to a missing exchange", lambda: (lambda w: w.m(1, 50, 20, u16(0), short(w.queue), short("nowhere"), short("k"), octet(0), E).hear())(declared()))
q("queue.bind of a missing queue", lambda: channel().m(1, 50, 20, u16(0), short(mine("none")), short("amq.direct"), short("k"), octet(0), E).hear())
q("queue.bind to the default exchange", lambda: (lambda w: w.m(1, 50, 20, u16(0), short(w.queue), short(""), short("k"), octet(0), E).hear())(declared()))
q("queue.bind to amq.headers with x-match odd", lambda: (lambda w: w.m(1, 50, 20, u16(0), short(w.queue), short("amq.headers"), short("k"), octet(0), table(("x-match", "S", long("odd")))).hear())(declared()))
q("queue.unbind of a missing binding", lambda: (lambda w: w.m(1, 50, 50, u16(0), short(w.queue), short("amq.direct"), short("k"), E).hear())(declared()))
q("queue.unbind from a missing exchange", lambda: (lambda w: w.m(1, 50, 50, u16(0), short(w.queue), short("nowhere"), short("k"), E).hear())(declared()))

# --- exchanges

q("exchange.declare of an unknown type", lambda: exchange(channel(), mine("odd"), "odd").hear(4))
q("exchange.declare of type ''", lambda: exchange(channel(), mine("odd"), "").hear(4))
q("exchange.declare passive of a missing exchange", lambda: exchange(channel(), mine("none"), "direct", 1).hear())
q("exchange.declare amq.x", lambda: exchange(channel(), "amq.x").hear())
q("exchange.declare of ''", lambda: exchange(channel(), "").hear())
q("exchange.declare of '', passive", lambda: exchange(channel(), "", "direct", 1).hear())
q("exchange.declare amq.direct as it is", lambda: exchange(channel(), "amq.direct", "direct", 2).hear())
q("exchange.declare amq.direct with another type", lambda: exchange(channel(), "amq.direct", "fanout", 2).hear())
q("exchange.declare amq.direct, not durable", lambda: exchange(channel(), "amq.direct", "direct", 0).hear())
q("redeclare exchange: internal differs", lambda: exchange(exchange(channel(), mine("e1")), mine("e1"), bits=4 + 8).hear())
q("redeclare exchange: auto_delete differs", lambda: (lambda w: exchange(exchange(w, mine("e2"), bits=0), mine("e2"), bits=4).hear() + " | " + chan(w, 2).m(2, 40, 20, u16(0), short(mine("e2")), octet(0)).hear(0.5))(channel()))
q("exchange.declare with alternate-exchange I", lambda: exchange(channel(), mine("e3"), args=table(("alternate-exchange", "I", u32(1)))).hear())
q("redeclare exchange: alternate-exchange differs", lambda: exchange(exchange(channel(), mine("e4"), args=table(("alternate-exchange", "S", long("a")))), mine("e4"), args=table(("alternate-exchange", "S", long("b")))).hear())
q("exchange.delete of a missing exchange", lambda: channel().m(1, 40, 20, u16(0), short(mine("none")), octet(0)).hear())
q("exchange.delete amq.direct", lambda: channel().m(1, 40, 20, u16(0), short("amq.direct"), octet(0)).hear())
q("exchange.delete ''", lambda: channel().m(1, 40, 20, u16(0), short(""), octet(0)).hear())


@ask("exchange.delete if-unused, in use")
def _():
    w = declared()
    exchange(w, mine("used")).hear(0.2)
    w.m(1, 50, 20, u16(0), short(w.queue), short(mine("used")), short("k"), octet(0), E).hear(0.2)
    return w.m(1, 40, 20, u16(0), short(mine("used")), octet(1)).hear(1)


q("exchange.bind to a missing exchange", lambda: channel().m(1, 40, 30, u16(0), short("amq.direct"), short("nowhere"), short("k"), octet(0), E).hear())
q("exchange.unbind of a missing binding", lambda: channel().m(1, 40, 40, u16(0), short("amq.direct"), short("amq.fanout"), short("k"), octet(0), E).hear())

# --- consuming


@ask("basic.consume with a duplicate tag")
def _():
    w = declared()
    consume(w, w.queue, "me").hear(0.5)
    return consume(w, w.queue, "me").hear(4)


q("basic.consume without a tag", lambda: (lambda w: consume(w, w.queue).hear())(declared()))
q("basic.consume of a missing queue", lambda: consume(channel(), mine("none")).hear())
q("basic.consume of amq.rabbitmq.reply-to without no-ack", lambda: consume(channel(), "amq.rabbitmq.reply-to").hear())
q("basic.consume of amq.rabbitmq.reply-to with no-ack, twice", lambda: (lambda w: consume(w, "amq.rabbitmq.reply-to", "a", 2).hear(0.4) + " | " + consume(w, "amq.rabbitmq.reply-to", "b", 2).hear())(channel()))
q("reply_to amq.rabbitmq.reply-to without a consumer on it", lambda: publish(channel(), "", "x", flags=0x0200, values=short("amq.rabbitmq.reply-to")).hear())


@ask("reply_to amq.rabbitmq.reply-to: what the receiver is given, and the answer's way back")
def _():
    w = declared()
    consume(w, "amq.rabbitmq.reply-to", "r", 2).hear(0.5)
    publish(w, "", w.queue, flags=0x0200, values=short("amq.rabbitmq.reply-to"))
    got = get(w, w.queue).hear()
    where = got.split("reply_to='")[1].split("'")[0]
    return got.replace(where, "amq.rabbitmq.reply-to." + "…") + " | declare passive of it: " + declare(chan(w, 2), where, 1, ch=2).hear().replace(where, "…") + " | answer: " + publish(w, "", where).hear().replace(where, "…")


@ask("exclusive consumer, then a second consumer")
def _():
    w = declared()
    consume(w, w.queue, "a", 4).hear(0.5)
    return consume(w, w.queue, "b").hear(4)


@ask("a consumer, then an exclusive consumer")
def _():
    w = declared()
    consume(w, w.queue, "a").hear(0.5)
    return consume(w, w.queue, "b", 4).hear(4)


q("basic.cancel of an unknown tag", lambda: channel().m(1, 60, 30, short("none"), octet(0)).hear())
q("basic.consume with x-priority S", lambda: (lambda w: consume(w, w.queue, args=table(("x-priority", "S", long("a")))).hear())(declared()))
q("basic.qos prefetch_size 100", lambda: channel().m(1, 60, 10, u32(100), u16(0), octet(0)).hear(4))
q("basic.qos", lambda: channel().m(1, 60, 10, u32(0), u16(5), octet(0)).hear())
q("basic.qos global", lambda: channel().m(1, 60, 10, u32(0), u16(5), octet(1)).hear())
q("basic.ack of an unknown tag", lambda: channel().m(1, 60, 80, u64(42), octet(0)).hear(4))
q("basic.ack of tag 0, multiple, nothing unacked", lambda: channel().m(1, 60, 80, u64(0), octet(1)).hear())
q("basic.ack of tag 0, not multiple", lambda: channel().m(1, 60, 80, u64(0), octet(0)).hear())
q("basic.ack of tag 42, multiple", lambda: channel().m(1, 60, 80, u64(42), octet(1)).hear())
q("basic.nack of an unknown tag", lambda: channel().m(1, 60, 120, u64(42), octet(0)).hear())
q("basic.reject of an unknown tag", lambda: channel().m(1, 60, 90, u64(42), octet(0)).hear())


@ask("basic.ack of the same tag twice")
def _():
    w = declared()
    publish(w, "", w.queue)
    get(w, w.queue, True).hear(0.5)
    return w.m(1, 60, 80, u64(1), octet(0)).m(1, 60, 80, u64(1), octet(0)).hear(1)


q("basic.recover requeue=false", lambda: channel().m(1, 60, 110, octet(0)).hear(4))
q("basic.recover requeue=true", lambda: channel().m(1, 60, 110, octet(1)).hear())
q("basic.recover-async requeue=true", lambda: channel().m(1, 60, 100, octet(1)).hear())
q("basic.get of an empty queue", lambda: (lambda w: get(w, w.queue).hear())(declared()))
q("basic.get of a missing queue", lambda: get(channel(), mine("none")).hear())
q("channel.flow active=false", lambda: channel().m(1, 20, 20, octet(0)).hear(4))
q("channel.flow active=true", lambda: channel().m(1, 20, 20, octet(1)).hear())

# --- transactions and confirms

q("confirm.select, then tx.select", lambda: confirming().m(1, 90, 10).hear(4))
q("tx.select, then confirm.select", lambda: channel().m(1, 90, 10).m(1, 85, 10, octet(0)).hear(4))
q("confirm.select twice", lambda: confirming().m(1, 85, 10, octet(0)).hear())
q("tx.commit without tx.select", lambda: channel().m(1, 90, 20).hear(4))
q("tx.rollback without tx.select", lambda: channel().m(1, 90, 30).hear(4))
q("tx.select twice", lambda: channel().m(1, 90, 10).m(1, 90, 10).hear())
q("class access (30.10)", lambda: channel().m(1, 30, 10, short("/"), octet(0)).hear(4))

# --- permissions: the user reader


def reader(f):
    return lambda: f(channel(user="reader", password="reader")).hear(1)


q("reader: queue.declare", reader(lambda w: declare(w, "something", 0)))
q("reader: queue.declare passive of amq.x", reader(lambda w: declare(w, mine("none"), 1)))
q("reader: queue.declare server-named", reader(lambda w: declare(w, "")))
q("reader: exchange.declare", reader(lambda w: exchange(w, "something")))
q("reader: basic.publish to amq.topic", reader(lambda w: publish(w, "amq.topic", "k")))
q("reader: basic.publish to the default exchange", reader(lambda w: publish(w, "", "k")))
q("reader: basic.get of a missing queue", reader(lambda w: get(w, "something")))
q("reader: basic.consume of a missing queue", reader(lambda w: consume(w, "something")))
q("reader: queue.bind of a missing queue", reader(lambda w: w.m(1, 50, 20, u16(0), short("something"), short("amq.topic"), short("k"), octet(0), E)))
q("reader: exchange.delete amq.topic", reader(lambda w: w.m(1, 40, 20, u16(0), short("amq.topic"), octet(0))))
q("reader: queue.delete", reader(lambda w: w.m(1, 50, 40, u16(0), short("something"), octet(0))))

# --- the operator, heartbeats, deadlines


def ctl(*args):
    return subprocess.run(CTL + list(args), check=True, capture_output=True, text=True).stdout


@ask("rabbitmqctl close_connection", slow=True)
def _():
    w = channel()
    pid = [line.split("\t")[0] for line in ctl("list_connections", "pid", "peer_port").splitlines() if line.endswith(str(w.sock.getsockname()[1]))]
    ctl("close_connection", pid[0], "an explanation")
    return w.hear(3)


@ask("rabbitmqctl close_all_user_connections", slow=True)
def _():
    w = channel()
    ctl("close_all_user_connections", "guest", "an explanation")
    return w.hear(3)


def timed(w, seconds, silent=True):
    t0, out = time.monotonic(), []
    while time.monotonic() - t0 < seconds and not w.ended:
        f = w.frame(0.2)
        if f:
            out.append(f"{time.monotonic() - t0:.1f}s {told(*f) if f[0] != 'header' else f}")
        elif not silent:
            w.send(frame(8, 0, b""))
    out.append(f"{time.monotonic() - t0:.1f}s {w.ended or 'still open'}")
    return "; ".join(out)


q("heartbeat 1, the client silent", lambda: timed(connected(heartbeat=1), 8), slow=True)
q("heartbeat 2, the client silent", lambda: timed(connected(heartbeat=2), 12), slow=True)
q("heartbeat 2, the client sends heartbeats", lambda: timed(connected(heartbeat=2), 7, False), slow=True)
q("heartbeat 0", lambda: timed(connected(heartbeat=0), 5), slow=True)
q("when does it end: wrong password, without the capability", lambda: timed(Wire().greet().start_ok(password="no", capabilities=[]), 15), slow=True)
q("when does it end: wrong password, with the capability", lambda: timed(Wire().greet().start_ok(password="no"), 15), slow=True)
q("when does it end: unknown mechanism", lambda: timed(Wire().greet().start_ok(mechanism="FANCY"), 15), slow=True)
q("when does it end: tune-ok channel_max 0", lambda: timed(Wire().tuned().tune_ok(channel_max=0), 15), slow=True)
q("when does it end: tune-ok frame_max 0", lambda: timed(Wire().tuned().tune_ok(frame_max=0), 15), slow=True)
q("when does it end: missing vhost, close-ok not sent", lambda: timed(Wire().tuned().tune_ok().open("nowhere"), 15), slow=True)
q("when does it end: unknown class 55", lambda: timed(channel().m(1, 55, 10), 15), slow=True)
q("when does it end: connection.close from the client", lambda: timed(connected().m(0, 10, 50, u16(200), short("bye"), u16(0), u16(0)), 15), slow=True)
q("when does it end: connection error, close-ok sent", lambda: timed(Wire.m(declare(connected(), "", ch=5), 0, 10, 51), 15), slow=True)
q("when does it end: connection error, close-ok not sent", lambda: timed(declare(connected(), "", ch=5), 40), slow=True)
q("when does it end: wrong header", lambda: timed(Wire().send(b"HTTP/1.1"), 15), slow=True)
q("deadline: nothing sent at all", lambda: timed(Wire(), 15), slow=True)
q("deadline: only the protocol header sent", lambda: timed(Wire().send(b"AMQP\0\0\x09\x01"), 15).split("; ")[-1], slow=True)
q("deadline: up to tune, no tune-ok", lambda: timed(Wire().tuned(), 15), slow=True)
q("deadline: up to tune-ok, no open", lambda: timed(Wire().tuned().tune_ok(), 15), slow=True)


# ---------------------------------------------------------------- main

def main():
    global PORT
    args = sys.argv[1:]
    if args and args[0] in ("-h", "--help"):
        return print(__doc__)
    if args and args[0].isdigit():
        PORT = int(args.pop(0))
    if CTL:
        for user in ("nobody", "reader"):
            try:
                ctl("add_user", user, user)
            except subprocess.CalledProcessError:
                pass
        ctl("set_permissions", "reader", "^$", "^$", "^$")
    chosen = [(n, title, f) for n, (title, f, slow) in enumerate(QUESTIONS)
              if (not args or any(a in title for a in args)) and (SLOW or not slow) and (CTL or "rabbitmqctl" not in title)]
    with ThreadPoolExecutor(6) as pool:
        # What closes other people's connections comes last, alone.
        for answer in pool.map(answered, [c for c in chosen if "rabbitmqctl" not in c[1]]):
            print(answer, flush=True)
    for c in chosen:
        if "rabbitmqctl" in c[1]:
            print(answered(c), flush=True)


def answered(question):
    QUESTION.number, title, f = question
    try:
        answer = f()
    except Exception as e:  # an answer too, and the other questions go on
        answer = f"?? {type(e).__name__}: {e}"
    answer = re.sub(r"amq\.gen-[-\w]+", "amq.gen-…", answer.replace(mine(""), "probe.")).strip()
    return f"{title} | {answer}"


main()
