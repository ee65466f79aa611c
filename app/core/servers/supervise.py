"""`python run.py`: everything the application needs, started in order and watched until Ctrl-C."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from app.core.servers import logs, ports, process, texts
from app.core.servers.children import Child
from app.core.servers.console import Console
from app.core.servers.errors import AlreadyRunning, ServerError
from app.core.servers.lock import held
from app.core.servers.postgres import Postgres
from app.core.servers.valkey import Valkey
from config import APP_NAME, ROOT, KeptSecrets, Settings, SettingsError, running, write_private

FIRST_PORT = 8080
READY_SECONDS = 180.0
STOP_SECONDS = 12.0  # gunicorn takes up to 5 for open requests, a worker finishes its job
LOOK_EVERY = 0.2
PREDECESSOR_SECONDS = 8.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
LOGINS = (
    ("admin", "everything"),
    ("manager", "dashboards and approvals"),
    ("clerk.sk", "customers of Slovakia"),
    ("operator.cz", "calls and work of Czechia"),
)


def main(environ: Mapping[str, str]) -> int:
    """Run until stopped; the exit code: 0 stopped on request, 1 a server failed, 2 settings are wrong."""
    console = Console()
    try:
        settings = Settings.from_env(environ)
    except SettingsError as error:
        for sentence in error.sentences:
            console.say(sentence)
        return 2
    try:
        with held(settings.data_dir):
            return Supervisor(settings, environ, console).run()
    except AlreadyRunning as error:
        found = running(settings.data_dir)
        where = f"{APP_NAME} already runs at {found['address']}. " if found else ""
        console.say(f"{where}{error} Stop it first, or set DATA_DIR to another directory.")
    except OSError as error:
        console.say(f"{settings.data_dir} cannot be used: {error.strerror or error}.")
    return 1


class Supervisor:
    """One run: starts in order, restarts what dies, stops in reverse order."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], console: Console) -> None:
        self._settings = settings
        self._environ = dict(environ)
        self._console = console
        self._kept = KeptSecrets(settings.data_dir)
        self._logs = logs.directory(settings.data_dir)
        self._run_file = settings.data_dir / "run.json"
        self._postgres: Postgres | None = None
        self._valkey: Valkey | None = None
        self._children: list[Child] = []
        self._listener: socket.socket | None = None
        self._stopping = False

    def run(self) -> int:
        """Start, watch, stop; the exit code."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)
        logs.rotate(self._logs)
        code = 0
        try:
            self._start()
            while True:
                self._tend()
                time.sleep(LOOK_EVERY)
        except KeyboardInterrupt:
            self._console.say("Stopping. Press Ctrl-C again to stop at once.")
        except (ServerError, SettingsError) as error:
            self._console.say(str(error))
            code = 1
        finally:
            self._stopping = True
            self._stop()
        self._console.say("Stopped.")
        return code

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._stopping:
            self._stopping = True
            raise KeyboardInterrupt
        for running_process in self._processes():
            process.kill_session(running_process)
        self._run_file.unlink(missing_ok=True)
        os._exit(130)

    def _start(self) -> None:
        settings, console = self._settings, self._console
        self._let_predecessor_go()
        if settings.port is None:
            self._listener = ports.listen_first(settings.host, FIRST_PORT)
        else:
            self._listener = ports.listen_on(settings.host, settings.port)
        self._settings = settings = replace(settings, port=self._listener.getsockname()[1])
        if settings.database_url is None:
            self._postgres = Postgres(settings.data_dir, self._kept)
            with console.step("Starting PostgreSQL"):
                self._postgres.start()
            settings = replace(settings, database_url=self._postgres.url)
        if settings.redis_url is None:
            self._valkey = Valkey(settings.data_dir, self._kept)
            with console.step("Starting Valkey"):
                self._valkey.start()
            settings = replace(settings, redis_url=self._valkey.url)
            if self._valkey.set_aside:
                console.say(f"Valkey could not read its data; they are kept in {self._valkey.set_aside}.")
        self._settings = settings
        if texts.stale(ROOT / "translations"):
            with console.step("Compiling translations"):
                texts.compile_stale(ROOT / "translations")
        self._step("Updating the database", [sys.executable, "-m", "app.core.migrate", "upgrade"])
        if not settings.is_production:
            self._step("Loading demo data", [sys.executable, "-m", "app.seed", "--if-empty"])
        self._watch_servers()
        with console.step("Starting the web server, worker and scheduler"):
            self._start_children()
            self._wait_for_web()
        self._publish()

    def _let_predecessor_go(self) -> None:
        """Give the web server of a run that was killed the seconds it needs to leave the port."""
        try:
            address = json.loads(self._run_file.read_text(encoding="utf-8"))["address"]
            port = int(address.rpartition(":")[2])
        except (FileNotFoundError, ValueError, KeyError):
            return
        deadline = time.monotonic() + PREDECESSOR_SECONDS
        while time.monotonic() < deadline:
            try:
                ports.listen(self._settings.host, port).close()
            except OSError:
                time.sleep(LOOK_EVERY)
            else:
                break
        self._run_file.unlink(missing_ok=True)

    def _step(self, title: str, command: Sequence[str]) -> None:
        """Run a command to its end, its output on the terminal. Raises ServerError when it fails."""
        with self._console.part(title):
            step = process.launch(command, output=None, environ=self._child_environ(), cwd=ROOT)
            try:
                step.wait()
            except KeyboardInterrupt:
                process.stop(step, signal.SIGTERM, seconds=5)  # before its database goes away
                raise
            if step.returncode:
                raise ServerError(f"{title} failed (exit code {step.returncode}). What it said stands above.")

    def _watch_servers(self) -> None:
        """Put the embedded servers, already started, under watch as well."""
        servers: list[tuple[str, str, Postgres | Valkey | None]] = [
            ("postgres", "PostgreSQL", self._postgres),
            ("valkey", "Valkey", self._valkey),
        ]
        for name, title, server in servers:
            if server is not None:
                child = Child(name, title, server.log, lambda server=server: _again(server))  # type: ignore[misc]
                child.process, child.started_at = server.process, time.monotonic()
                self._children.append(child)

    def _start_children(self) -> None:
        assert self._listener is not None
        fd = self._listener.fileno()
        web = [sys.executable, "-m", "gunicorn", "--config", "python:app.core.servers.web"]
        web += ["--bind", f"fd://{fd}", "app:create_app()"]
        for child in (
            self._child("web", "The web server", web, pass_fds=(fd,), essential=True),
            self._child("worker", "The worker", _background("worker")),
            self._child("scheduler", "The scheduler", _background("scheduler")),
        ):
            child.begin()
            self._children.append(child)

    def _child(
        self,
        name: str,
        title: str,
        command: Sequence[str],
        *,
        pass_fds: tuple[int, ...] = (),
        essential: bool = False,
    ) -> Child:
        log = self._logs / f"{name}.log"

        def start() -> subprocess.Popen[bytes]:
            with log.open("ab") as output:
                return process.launch(
                    command, output=output, environ=self._child_environ(), cwd=ROOT, pass_fds=pass_fds
                )

        return Child(name, title, log, start, essential=essential)

    def _child_environ(self) -> dict[str, str]:
        return {**self._environ, **self._settings.environ(), "PYTHONUNBUFFERED": "1"}

    def _tend(self) -> None:
        for child in self._children:
            child.tend(self._console.say)

    def _wait_for_web(self) -> None:
        """Until `/healthz` answers 200. Raises ServerError after READY_SECONDS."""
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_healthy():
            self._tend()
            if time.monotonic() > deadline:
                log = logs.ending(self._logs / "web.log", 15)
                raise ServerError(f"The web server did not answer within {READY_SECONDS:.0f} seconds. {log}")
            time.sleep(LOOK_EVERY)

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection(self._reachable_host(), self._settings.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _reachable_host(self) -> str:
        return EVERY_ADDRESS.get(self._settings.host, self._settings.host)

    def _publish(self) -> None:
        """Write run.json and say where everything is."""
        settings, host = self._settings, self._reachable_host()
        address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
        facts = {
            "address": address,
            "database_url": settings.database_url,
            "redis_url": settings.redis_url,
            "pid": os.getpid(),
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "mode": settings.mode,
        }
        write_private(self._run_file, json.dumps(facts, indent=2) + "\n")
        lines = [f"{APP_NAME} is ready: {address}", ""]
        if not settings.is_production:
            lines.append(f"Demo logins, same password for all: {settings.demo_password}")
            lines += [f"  {login:<13}{what}" for login, what in LOGINS]
            lines.append("")
        lines.append(f"Data and logs are in {_short(settings.data_dir)}. Stop with Ctrl-C.")
        self._console.box(lines)

    def _processes(self) -> list[subprocess.Popen[bytes]]:
        """Every process of ours that may still run, in the order of starting."""
        servers = [server.process for server in (self._postgres, self._valkey) if server is not None]
        known = [*servers, *(child.process for child in self._children)]
        return [found for found in known if found is not None and found.poll() is None]

    def _stop(self) -> None:
        """Applications first, all told at once; then Valkey; PostgreSQL last."""
        self._run_file.unlink(missing_ok=True)
        servers = [server.process for server in (self._postgres, self._valkey) if server is not None]
        started = [child.process for child in reversed(self._children) if child.process is not None]
        applications = [found for found in started if found not in servers]
        for running_process in applications:
            if running_process.poll() is None:
                running_process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for running_process in applications:
            _wait_or_kill(running_process, deadline)
        for server in (self._valkey, self._postgres):
            if server is not None:
                server.stop()
        if self._listener is not None:
            self._listener.close()


def _wait_or_kill(running_process: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        running_process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill_session(running_process)
        running_process.wait()


def _again(server: Postgres | Valkey) -> subprocess.Popen[bytes]:
    server.restart()
    assert server.process is not None
    return server.process


def _background(what: str) -> list[str]:
    return [sys.executable, "-m", "app.background", what]


def _short(path: Path) -> str:
    """The path from the current directory when it lies below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
