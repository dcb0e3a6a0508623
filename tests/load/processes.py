"""Servers in processes of their own, and what they cost: processor time and memory, told by the kernel."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tree(process: int) -> list[int]:
    """The process and all its descendants."""
    try:
        threads = list(Path(f"/proc/{process}/task").iterdir())
        children = [int(each) for thread in threads for each in (thread / "children").read_text().split()]
    except OSError:
        return []
    return [process, *(each for child in children for each in tree(child))]


def processor_seconds(process: int) -> float:
    """Spent by the whole tree, by those of its processes that have ended as well."""
    ticks = 0
    for each in tree(process):
        try:
            after_name = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += sum(int(number) for number in after_name[11:15])
    return ticks / TICK


def memory_mb(process: int) -> float:
    """Proportional share of the whole tree: pages that several processes share count once."""
    kilobytes = 0
    for each in tree(process):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


@dataclass(frozen=True)
class Running:
    port: int
    process: int


@contextmanager
def running(command: list[str], *, port: int, environment: dict[str, str], log: Path) -> Iterator[Running]:
    """The server in a child process, from its first answer until the end of the block. Its output goes to `log`."""
    with log.open("ab") as output:
        child = subprocess.Popen(command, env=os.environ | environment, stdout=output, stderr=output)
    try:
        _wait_until_it_listens(child, port, log)
        yield Running(port, child.pid)
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait_until_it_listens(child: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if child.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"The server did not start:\n{log.read_text()[-2000:]}")


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server of our own in a temporary folder."""

    folder: Path
    port: int
    process: int

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://hufu@localhost:{self.port}/{name}"

    def create(self, name: str) -> str:
        """A new, empty database; gives its URL."""
        subprocess.run([_binary("createdb"), "-h", "localhost", "-p", str(self.port), "-U", "hufu", name], check=True)
        return self.url(name)


def _binary(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda each: int(each.parts[4]))
    path = str(found[-1]) if found else shutil.which(name)
    if not path:
        raise FileNotFoundError(f"PostgreSQL's {name} is not installed: sudo apt-get install postgresql")
    return path


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Started with its defaults, fsync included. As root it runs as the user postgres, since initdb refuses root."""
    folder = Path(tempfile.mkdtemp(prefix="hufu-postgres-"))
    as_owner: list[str] = []
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    data, port = folder / "data", free_port()
    try:
        subprocess.run(
            [
                *as_owner,
                _binary("initdb"),
                "-D",
                str(data),
                "-U",
                "hufu",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-A",
                "trust",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )
        options = f"-p {port} -k {folder} -c listen_addresses=localhost -c max_connections=200"
        control = [*as_owner, _binary("pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
        subprocess.run([*control, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, cwd=folder)
        try:
            process = int((data / "postmaster.pid").read_text().splitlines()[0])
            yield Postgres(folder, port, process)
        finally:
            subprocess.run([*control, "-m", "fast", "stop"], check=False, stdout=subprocess.DEVNULL, cwd=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
