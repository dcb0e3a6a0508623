import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from app.core.listening import CannotServe, listen_on
from tests.load.processes import free_port

pytestmark = pytest.mark.load
ROOT = Path(__file__).resolve().parents[2]
WORKERS = pytest.mark.parametrize("workers", [1, 2])


class Example:
    """The example application, being served."""

    def __init__(self, port: int, child: "subprocess.Popen[str]") -> None:
        self.port = port
        self.child = child

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        connection = HTTPConnection("localhost", self.port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def send(self, *parts: bytes) -> bytes:
        """The start line of the answer to these bytes."""
        with socket.create_connection(("localhost", self.port), timeout=10) as connection:
            with suppress(OSError):  # refused while still sending
                for part in parts:
                    connection.sendall(part)
            return connection.recv(4096).split(b"\r\n")[0]

    def stop(self) -> tuple[int, str]:
        self.child.send_signal(signal.SIGTERM)
        output, _ = self.child.communicate(timeout=20)
        return self.child.returncode, output


def start(port: int, workers: int, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.core.serve_example", str(port), str(workers)],
        cwd=ROOT,
        env=os.environ | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@contextmanager
def example(workers: int, **environment: str) -> Iterator[Example]:
    port = free_port()
    child = start(port, workers, **environment)
    try:
        lines = [child.stdout.readline().strip(), child.stdout.readline().strip()]
        assert sorted(lines) == [f"http://localhost:{port}", "jobs begin"]
        yield Example(port, child)
    finally:
        child.kill()
        child.communicate()


def has_ipv6_loopback() -> bool:
    with suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


@WORKERS
def test_both_loopback_addresses_answer(workers: int) -> None:
    with example(workers) as served:
        for family, address in [(socket.AF_INET, "127.0.0.1"), *[(socket.AF_INET6, "::1")] * has_ipv6_loopback()]:
            with socket.socket(family) as connection:
                connection.connect((address, served.port))
                connection.sendall(b"GET /process HTTP/1.0\r\n\r\n")
                assert connection.recv(100).startswith(b"HTTP/1.0 200 OK")


@WORKERS
def test_a_taken_port_is_refused_with_one_line(workers: int) -> None:
    with example(workers) as served:
        second = start(served.port, workers)
        output, error = second.communicate(timeout=10)
        assert (second.returncode, output) == (1, "")
        assert error == (
            f"Port {served.port} is taken by another program; "
            f"stop it or choose another, for example {served.port + 1}.\n"
        )


@WORKERS
def test_a_broken_start_ends_with_its_reason(workers: int) -> None:
    child = start(free_port(), workers, BROKEN="yes")
    output, error = child.communicate(timeout=10)
    assert (child.returncode, output) == (1, "")
    assert set(error.splitlines()) <= {"The key is too short.", "The workers cannot start."}
    assert "The key is too short." in error.splitlines()


@WORKERS
def test_requests_under_way_are_answered_at_the_stop(workers: int) -> None:
    with example(workers) as served, ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(served.get, "/slow") for _ in range(12)]
        time.sleep(0.4)
        assert served.stop() == (0, "jobs end\nstopped\n")
        assert [each.result() for each in asked] == [(200, "finished")] * 12


def answering(served: Example, workers: int) -> set[int]:
    """The processes that answer, as soon as there are so many of them."""
    found: set[int] = set()
    deadline = time.monotonic() + 20
    while len(found) < workers and time.monotonic() < deadline:
        with ThreadPoolExecutor(4 * workers) as pool:
            found |= {int(each[1]) for each in pool.map(served.get, ["/slow-process"] * 4 * workers)}
    return found


def test_a_worker_that_dies_is_replaced() -> None:
    with example(2) as served:
        before = answering(served, 2)
        assert len(before) == 2
        for process in before:
            os.kill(process, signal.SIGKILL)
        after = answering(served, 2)
        assert len(after) == 2
        assert not after & before
        assert served.stop()[0] == 0


def test_who_comes_is_let_in_by_a_worker_without_work() -> None:
    with example(2) as served, ThreadPoolExecutor(1) as pool:
        assert len(answering(served, 2)) == 2
        busy = pool.submit(served.get, "/slow-process")
        time.sleep(0.1)
        quick = []
        while not busy.done():
            quick.append(served.get("/process")[1])
            time.sleep(0.03)  # until the thread that answered is free again
        assert quick.count(busy.result()[1]) <= 1, "one, where this machine itself is slow"


def test_a_worker_that_hangs_holds_up_nobody_who_comes_anew() -> None:
    with example(2) as served:
        one, other = answering(served, 2)
        os.kill(one, signal.SIGSTOP)
        try:
            with ThreadPoolExecutor(12) as pool:
                assert set(pool.map(served.get, ["/slow-process"] * 12)) == {(200, str(other))}
        finally:
            os.kill(one, signal.SIGCONT)
        assert served.stop()[0] == 0


@WORKERS
def test_whoever_comes_anew_to_a_full_house_is_turned_away_at_once_and_who_is_inside_stays(workers: int) -> None:
    with example(workers, MOST_UNDER_WAY="12") as served, ThreadPoolExecutor(32) as pool:
        assert len(answering(served, workers)) == workers
        inside = HTTPConnection("localhost", served.port, timeout=10)
        inside.request("GET", "/process")
        inside.getresponse().read()
        early = [pool.submit(served.get, "/slow-process") for _ in range(32)]
        time.sleep(0.7)  # the first have been answered, and those after them have waited for it
        late = [served.get("/process") for _ in range(4)]
        assert not all(each.done() for each in early)
        assert late == [(503, "come again")] * 4
        inside.request("GET", "/process")
        assert inside.getresponse().status == 200
        inside.close()
        assert {each.result()[0] for each in early} == {200}
        assert served.get("/process")[0] == 200


def test_workers_do_not_outlive_a_killed_parent() -> None:
    with example(2) as served:
        workers = answering(served, 2)
        served.child.kill()
        deadline = time.monotonic() + 5
        while any(Path(f"/proc/{each}").exists() for each in workers) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not [each for each in workers if Path(f"/proc/{each}").exists()]


HEAD = b"POST /length HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def chunks(number: int) -> bytes:
    return (b"2710\r\n" + b"a" * 10_000 + b"\r\n") * number + b"0\r\n\r\n"


def test_too_large_a_body_is_refused_and_never_cut() -> None:
    with example(1) as served:
        assert served.send(HEAD + b"Content-Length: 100000\r\n\r\n", b"a" * 100_000) == b"HTTP/1.1 200 OK"
        assert served.send(CHUNKED, chunks(9)) == b"HTTP/1.1 200 OK"
        refused = b"HTTP/1.1 413 "
        assert served.send(HEAD + b"Content-Length: 100001\r\n\r\n", b"a" * 100_001).startswith(refused)
        assert served.send(CHUNKED, chunks(11)).startswith(refused)
        assert served.send(HEAD + b"Content-Length: 90000000\r\n\r\n").startswith(refused)
        assert served.send(CHUNKED, chunks(200)).startswith(refused)


def test_bad_headers_are_refused() -> None:
    with example(1) as served:
        get = b"GET /process HTTP/1.1\r\nHost: localhost\r\n"
        assert served.send(get + b"X-A: " + b"a" * 40_000 + b"\r\n\r\n").startswith(b"HTTP/1.0 431 ")
        assert served.send(get + b"X-A: a\0b\r\n\r\n").startswith(b"HTTP/1.0 400 ")
        assert served.send(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\naa").startswith(b"HTTP/1.1 400 ")
        assert served.get("/process")[0] == 200


def test_forwarded_headers_reach_the_application_which_judges_them() -> None:
    with example(1) as served:
        assert served.get("/forwarded", **{"X-Forwarded-For": "192.0.2.1"}) == (200, "192.0.2.1")


def test_a_header_that_never_ends_is_cut_off() -> None:
    with (
        example(1, HEADER_SECONDS="2") as served,
        socket.create_connection(("localhost", served.port), timeout=0.5) as connection,
    ):
        begun = time.monotonic()
        connection.sendall(b"GET /process HTTP/1.1\r\nX-A: ")
        with suppress(ConnectionError):
            while time.monotonic() < begun + 15:
                connection.sendall(b"a")
                with suppress(TimeoutError):
                    if connection.recv(1) == b"":
                        break
        assert 2 <= time.monotonic() - begun < 12


@pytest.mark.parametrize("kind", ["silent", "header", "body"])
def test_slow_clients_hold_up_nobody(kind: str) -> None:
    with example(1) as served:
        opening = {
            "silent": b"",
            "header": b"GET /process HTTP/1.1\r\nX-A: ",
            "body": HEAD + b"Content-Length: 5000\r\n\r\n",
        }[kind]
        slow = [socket.create_connection(("localhost", served.port), timeout=5) for _ in range(300)]
        try:
            for each in slow:
                each.sendall(opening)
            for _ in range(3):
                for each in slow:
                    each.sendall(b"" if kind == "silent" else b"a")
                assert [served.get("/process")[0] for _ in range(10)] == [200] * 10
        finally:
            for each in slow:
                each.close()


def test_an_unknown_host_and_an_impossible_port_are_told_in_one_line() -> None:
    with pytest.raises(CannotServe, match=r"^Cannot listen on 'no\.such\.host\.invalid': .+\.$"):
        listen_on("no.such.host.invalid", 8000)
    with pytest.raises(CannotServe, match=r"^There is no port 99999; choose one from 1024 to 65535\.$"):
        listen_on("localhost", 99_999)
