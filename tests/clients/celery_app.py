#!/usr/bin/env python3
"""A Celery application, its worker and a caller: what a Celery user needs of a broker.

    tests/clients/celery_app.py PORT       starts a worker, calls it, checks the results, stops it

The worker is Celery's own (`celery -A celery_app worker`), with the results over the broker too (rpc).
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from celery import Celery, chain, group
from celery.exceptions import TaskRevokedError, TimeoutError
from kombu import Queue
from kombu.common import Broadcast

PORT = os.environ.get("LEVERET_PORT", "5672")
NOTES = Path(os.environ.get("CELERY_NOTES", "/dev/null"))  # where tasks note that they ran

app = Celery("shop", broker=f"amqp://guest:guest@127.0.0.1:{PORT}//", backend="rpc://")
app.conf.update(
    result_expires=60,
    result_persistent=False,
    task_default_queue="shop",
    task_queues=(
        Queue("shop"),
        Queue("urgent", queue_arguments={"x-max-priority": 10}),
        Broadcast("everyone"),
    ),
    task_routes={
        "celery_app.ranked": {"queue": "urgent"},
        "celery_app.news": {"queue": "everyone", "exchange": "everyone"},
    },
    worker_prefetch_multiplier=1,
    task_acks_late=True,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"confirm_publish": True},
    broker_heartbeat=2,
    worker_hijack_root_logger=False,
)


def note(text):
    with NOTES.open("a") as f:
        f.write(text + "\n")


def notes():
    return NOTES.read_text().split("\n")[:-1]


@app.task
def add(a, b):
    return a + b


@app.task(bind=True, max_retries=3)
def stubborn(self, times):
    """Fails so many times before it succeeds."""
    if self.request.retries < times:
        raise self.retry(countdown=0.2)
    return self.request.retries


@app.task
def fails():
    raise ValueError("it was to be expected")


@app.task
def sleeps(seconds):
    time.sleep(seconds)
    return seconds


@app.task
def held(name):
    """Keeps a worker process busy until the note lets it go."""
    return wait_for(lambda: "let go " + name in notes())


@app.task
def ranked(name):
    note("ranked " + name)


@app.task(ignore_result=True)
def news(text):
    note("news " + text)


@app.task
def noted(text):
    note(text)
    return text


# ---------------------------------------------------------------- the caller

def wait_for(what, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.1)
    return False


def results():
    assert add.delay(2, 3).get(timeout=20) == 5
    many = [add.delay(n, n) for n in range(50)]
    assert [r.get(timeout=20) for r in many] == [2 * n for n in range(50)]


def failure():
    try:
        fails.delay().get(timeout=20)
    except ValueError as e:
        assert str(e) == "it was to be expected"
    else:
        raise AssertionError("it did not fail")


def canvas():
    assert group(add.s(n, 1) for n in range(5))().get(timeout=20) == [1, 2, 3, 4, 5]
    assert chain(add.s(1, 2), add.s(3), add.s(4))().get(timeout=20) == 10


def retry():
    assert stubborn.delay(2).get(timeout=20) == 2


def priority():
    """While the worker is busy, what waits is taken by its priority, whatever came first."""
    first, second = held.delay("first"), held.delay("second")
    # The worker takes a few before it has the time to run them, two or three by its prefetch: these may be those.
    for n in range(4):
        ranked.apply_async((f"0.{n}",), priority=0, ignore_result=True)
    for n, p in enumerate((1, 9, 5, 9, 1)):
        ranked.apply_async((f"{p}.{n}",), priority=p, ignore_result=True)
    # One process alone, so that what begins first is noted first.
    note("let go first")
    assert first.get(timeout=20)
    assert wait_for(lambda: sum(n.startswith("ranked") for n in notes()) == 9), notes()
    note("let go second")
    assert second.get(timeout=20)
    order = [n.split()[1] for n in notes() if n.startswith("ranked")]
    assert [name for name in order if not name.startswith("0")] == ["9.1", "9.3", "5.2", "1.0", "1.4"], order


def expiry():
    """A task that expires before a worker can take it never runs."""
    busy = [sleeps.delay(2) for _ in range(2)]
    time.sleep(0.5)
    late = noted.apply_async(("too late",), expires=0.5)
    [b.get(timeout=20) for b in busy]
    try:
        late.get(timeout=5)
    except (TaskRevokedError, TimeoutError):
        pass
    assert "too late" not in notes(), notes()


def countdown():
    began = time.monotonic()
    assert noted.apply_async(("later",), countdown=1).get(timeout=20) == "later"
    assert time.monotonic() - began >= 0.9


def broadcast():
    news.delay("hello")
    assert wait_for(lambda: "news hello" in notes()), notes()


def control():
    """Celery's remote control: a fanout exchange out, a direct one back."""
    answers = app.control.ping(timeout=3)
    assert [list(a.values())[0] for a in answers] == [{"ok": "pong"}], answers
    stats = app.control.inspect(timeout=3).stats()
    assert len(stats) == 1, stats
    queues = [q["name"] for q in list(app.control.inspect(timeout=3).active_queues().values())[0]]
    assert {"shop", "urgent"} <= set(queues), queues


def revoke():
    busy = [sleeps.delay(1.5) for _ in range(2)]
    time.sleep(0.3)
    unwanted = noted.delay("unwanted")
    unwanted.revoke()
    [b.get(timeout=20) for b in busy]
    time.sleep(1)
    assert "unwanted" not in notes(), notes()


def heartbeat():
    """The worker's heartbeat is 2 s: after 6 idle seconds it is still there."""
    time.sleep(6)
    assert add.delay(1, 1).get(timeout=20) == 2


CHECKS = [results, failure, canvas, retry, priority, expiry, countdown, broadcast, control, revoke, heartbeat]


def main():
    global NOTES
    with tempfile.TemporaryDirectory() as folder:
        NOTES = Path(folder) / "notes"
        NOTES.touch()
        log = open(Path(folder) / "log", "w")
        env = {**os.environ, "LEVERET_PORT": sys.argv[1], "CELERY_NOTES": str(NOTES), "PYTHONPATH": str(Path(__file__).parent)}
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "celery_app", "worker", "--concurrency", "2", "--loglevel", "info",
             "-n", "worker@leveret"], env=env, stdout=log, stderr=log, cwd=folder)
        passed = 0
        try:
            ready = wait_for(lambda: " ready." in Path(log.name).read_text() or worker.poll() is not None, 40)
            if not ready or worker.poll() is not None:
                print("the worker did not start:\n" + Path(log.name).read_text())
            else:
                passed = check_all(log.name)
            worker.send_signal(signal.SIGTERM)
            code = worker.wait(20)
            print(f"the worker ended with {code}")
            if code != 0:
                passed -= 1
        finally:
            worker.kill()
        print(f"{passed} passed, {len(CHECKS) - passed} failed")
        return 0 if passed == len(CHECKS) else 1


def check_all(log):
    passed = 0
    for check in CHECKS:
        try:
            check()
            passed += 1
            print(f"{check.__name__} ok", flush=True)
        except Exception as e:
            print(f"{check.__name__} FAILED: {type(e).__name__}: {e}", flush=True)
    if passed < len(CHECKS):
        print(Path(log).read_text()[-3000:])
    return passed


if __name__ == "__main__":
    PORT = os.environ["LEVERET_PORT"] = sys.argv[1]
    # Not as __main__, so that the tasks have the worker's names.
    sys.path.insert(0, str(Path(__file__).parent))
    import celery_app
    sys.exit(celery_app.main())
