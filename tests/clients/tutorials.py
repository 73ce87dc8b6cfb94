#!/usr/bin/env python3
"""Runs the scripts of docs/pika against a server and says whether they print what they should.

    tests/clients/tutorials.py [PORT]      the server is on localhost:PORT (default 5672)

Needs pika. The server should be fresh: queues of an earlier run may still hold messages.
"""

import os
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "docs" / "pika"
PORT = sys.argv[1] if len(sys.argv) > 1 else "5672"
PATIENCE = 30  # seconds for any one script


class Script:
    """A running script, and the lines that it has printed."""

    def __init__(self, name, *args):
        self.name = name
        self.lines = []
        self.more = threading.Condition()
        self.process = subprocess.Popen(
            [sys.executable, "-u", SCRIPTS / name, *args], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "LEVERET_PORT": PORT})
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            with self.more:
                self.lines.append(line.rstrip("\n"))
                self.more.notify_all()

    def says(self, line):
        """Waits until it has printed a line."""
        with self.more:
            if not self.more.wait_for(lambda: line in self.lines, PATIENCE):
                raise AssertionError(f"{self.name} never said {line!r}, but {self.lines}")

    def ends(self, *expected):
        """It ends by itself, well, having printed just this."""
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"{self.name} does not end: {self.lines}") from None
        self.thread.join()
        assert code == 0, f"{self.name} ended with {code}: " + "\n".join(self.lines)
        if expected:
            assert self.lines == list(expected), f"{self.name}: wanted {list(expected)}, got {self.lines}"
        return self.lines


def hello():
    Script("1_send.py").ends("sent: Hello, hare!")
    Script("1_send.py", "And", "again").ends("sent: And again")
    # The queue kept them, in their order, with nobody there.
    Script("1_receive.py", "2").ends("waiting for messages", "received: Hello, hare!", "received: And again")


def work_queues():
    # Two baristas wait; six short orders, each with one dot: each makes three.
    baristas = [Script("2_barista.py", "3") for _ in range(2)]
    for barista in baristas:
        barista.says("waiting for orders")
    orders = ["a.", "b.", "c.", "d.", "e.", "f."]
    Script("2_order.py", *orders).ends(*[f"ordered: {o}" for o in orders])
    made = [line for barista in baristas for line in barista.ends() if line.startswith("done: ")]
    assert sorted(made) == [f"done: {o}" for o in orders], made

    # One of two is killed in the middle of its work: the other makes that coffee too.
    clumsy, steady = Script("2_barista.py"), Script("2_barista.py", "2")
    clumsy.says("waiting for orders")
    steady.says("waiting for orders")
    Script("2_order.py", "first...", "second...").ends()
    for _ in range(100):
        making = [line for line in clumsy.lines if line.startswith("making: ")]
        if making:
            break
        time.sleep(0.1)
    assert making, "the two orders did not go to two baristas"
    clumsy.process.kill()
    lines = steady.ends()
    assert sorted(line for line in lines if line.startswith("done: ")) == ["done: first...", "done: second..."], lines


def publish_subscribe():
    Script("3_announce.py", "nobody", "listens").ends("announced: nobody listens")
    listeners = [Script("3_listen.py", "2") for _ in range(2)]
    for listener in listeners:
        listener.says("listening")
    Script("3_announce.py").ends("announced: The train leaves at nine.")
    Script("3_announce.py", "It", "is", "late").ends("announced: It is late")
    for listener in listeners:
        listener.ends("listening", "heard: The train leaves at nine.", "heard: It is late")


def routing():
    storms = Script("4_watch.py", "storm", "1")
    wet = Script("4_watch.py", "rain", "storm", "2")
    storms.says("watching: storm")
    wet.says("watching: rain storm")
    Script("4_report.py").ends("reported: sun Napoli")
    Script("4_report.py", "rain", "Madrid").ends("reported: rain Madrid")
    Script("4_report.py", "storm", "Porto").ends("reported: storm Porto")
    storms.ends("watching: storm", "storm in Porto")
    wet.ends("watching: rain storm", "rain in Madrid", "storm in Porto")


def topics():
    italy = Script("5_follow.py", "it.*", "2")
    books = Script("5_follow.py", "*.book", "2")
    both = Script("5_follow.py", "it.*", "*.book", "3")
    everything = Script("5_follow.py", "#", "5")
    italy.says("following: it.*")
    books.says("following: *.book")
    both.says("following: it.* *.book")
    everything.says("following: #")
    sales = [("it.coffee", "moka"), ("it.book", "Dante"), ("pt.book", "Os Lusiadas"), ("pt.coffee", "bica"), ("es.book.used", "Quijote")]
    for key, what in sales:
        Script("5_sell.py", key, what).ends(f"sold: {key} {what}")
    italy.ends("following: it.*", "it.coffee - moka", "it.book - Dante")
    books.ends("following: *.book", "it.book - Dante", "pt.book - Os Lusiadas")
    # Two bindings match it.book, and it comes once all the same.
    both.ends("following: it.* *.book", "it.coffee - moka", "it.book - Dante", "pt.book - Os Lusiadas")
    everything.ends("following: #", *[f"{key} - {what}" for key, what in sales])


def rpc():
    cashier = Script("6_cashier.py", "3")
    cashier.says("waiting for questions")
    Script("6_customer.py").ends("asked: espresso latte", "answer: 3.50 euro")
    customers = [Script("6_customer.py", "galao"), Script("6_customer.py", "macchiato", "macchiato")]
    customers[0].ends("asked: galao", "answer: 1.60 euro")
    customers[1].ends("asked: macchiato macchiato", "answer: 2.60 euro")
    lines = cashier.ends()
    assert lines[:2] == ["waiting for questions", "answered: espresso latte = 3.50"], lines
    assert sorted(lines[2:]) == ["answered: galao = 1.60", "answered: macchiato macchiato = 2.60"], lines


def confirms():
    Script("7_confirms.py").ends(
        "one - the broker has it", "two - the broker has it",
        "three - refused: the queue is full", "four - came back: no queue of that name")


def main():
    failed = 0
    tutorials = [hello, work_queues, publish_subscribe, routing, topics, rpc, confirms]
    for tutorial in tutorials:
        began = time.monotonic()
        try:
            tutorial()
            print(f"{tutorial.__name__} ok ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"{tutorial.__name__} FAILED", flush=True)
            traceback.print_exc(file=sys.stdout)
    print(f"{len(tutorials) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
