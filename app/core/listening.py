"""Taking a port: which addresses, and a clear line when it cannot be had."""

import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class CannotServe(Exception):
    """The server cannot start or go on; the message is one line for the operator."""


@dataclass(frozen=True)
class Listening:
    """Sockets that are bound and listening, and the address a person would use."""

    address: str
    port: int
    sockets: list[socket.socket]

    def close(self) -> None:
        for each in self.sockets:
            each.close()


@contextmanager
def alone_in(folder: Path, *, patience: float = 3.0) -> Iterator[None]:
    """Hold the instance folder: its background jobs and its mail have one server. Raises CannotServe for a second one.

    Whoever dies lets go; the patience is for the last workers of a server that was ended a moment ago.
    """
    until = time.monotonic() + patience
    with open(folder / "serving.lock", "a+", encoding="ascii") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    file.seek(0)
                    raise CannotServe(
                        f"Another Hufu (process {file.read().strip() or 'unknown'}) serves the instance folder {folder}; stop it, "
                        "or name another folder with HUFU_INSTANCE. For more processes: hufu serve --workers."
                    ) from None
                time.sleep(0.05)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def listen_on(host: str, port: int) -> Listening:
    """Take the port now, so that it is refused before anything else is begun. Raises CannotServe.

    `localhost` means both loopback addresses, of which one may be missing; `*` means all interfaces. Port 0 means
    any free port. Whoever connects before the application is ready waits instead of being refused.
    """
    if not 0 <= port <= 65535:
        raise CannotServe(f"There is no port {port}; choose one from 1024 to 65535.")
    places = _places(host)
    opened: list[socket.socket] = []
    for family, address in places:
        try:
            opened.append(_open(family, address, port or _port_of(opened)))
        except OSError as error:
            if error.errno in {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL} and len(places) > 1:
                continue
            for each in opened:
                each.close()
            raise CannotServe(_refusal(error, host, port)) from None
    if not opened:
        raise CannotServe(f"This machine has no address {host!r} to listen on.")
    actual = _port_of(opened)
    return Listening(_address(host, actual), actual, opened)


def _places(host: str) -> list[tuple[socket.AddressFamily, str]]:
    if host == "localhost":
        return [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
    if host in {"*", ""}:
        return [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")]  # noqa: S104 the operator asked for all
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CannotServe(f"Cannot listen on {host!r}: {error.strerror}.") from None
    return list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found))


def _open(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind((address, port))
        opened.listen(1024)
    except OSError:
        opened.close()
        raise
    return opened


def _port_of(opened: list[socket.socket]) -> int:
    return int(opened[0].getsockname()[1]) if opened else 0


def _address(host: str, port: int) -> str:
    if host in {"*", "", "0.0.0.0", "::"}:  # noqa: S104 compared, not bound
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _refusal(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program; stop it or choose another, for example {port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} may only be used by the administrator of this machine; choose one above 1023."
    return f"Cannot listen on {host}:{port}: {error.strerror}."
