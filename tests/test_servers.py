"""The servers of a checkout: real PostgreSQL, Valkey and `run.py`, in directories of their own."""

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.core.servers import AlreadyRunning, ServerError, children, embedded, ports, process, texts
from app.core.servers.children import Child
from app.core.servers.lock import held
from app.core.servers.postgres import Postgres
from app.core.servers.valkey import Valkey
from config import ROOT, KeptSecrets, Settings, SettingsError, running

STUB_APP = """
from flask import Flask

def create_app():
    app = Flask("app")

    @app.get("/healthz")
    def healthz():
        return "ok"

    return app
"""
STUB_MIGRATE = """
import os, psycopg

with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz DEFAULT now())")
"""
STUB_SEED = """
import os, psycopg

with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    connection.execute("INSERT INTO starts DEFAULT VALUES")
print("demo data loaded")
"""
STUB_BACKGROUND = "import time\ntime.sleep(600)\n"
STUB_DB = "from sqlalchemy.orm import sessionmaker\nsession_factory = sessionmaker()\n"
BLOCK = "import sys; sys.path.insert(0, {root!r})\nfrom pathlib import Path\nfrom app.core.servers import embedded\n"
BLOCK += "with embedded(Path({data!r}), fast=False) as servers:\n    print(servers.database_url, servers.redis_url, flush=True)\n"
BLOCK += "    sys.stdin.read()\n"


def wait_for(condition: Callable[[], Any], seconds: float = 15.0) -> Any:
    """The first true answer; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    pytest.fail(f"not within {seconds} seconds")


def processes_of(data_dir: Path) -> list[int]:
    """Processes that name the directory on their command line, in their environment or work in it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            inside = str(data_dir) in os.readlink(entry / "cwd") or str(data_dir).encode() in told
            if inside and process.is_alive(int(entry.name)) and int(entry.name) != os.getpid():
                found.append(int(entry.name))
    return found


@pytest.fixture(scope="module")
def kept_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose database was made once; the tests that use it leave it stopped."""
    data_dir = tmp_path_factory.mktemp("kept")
    with embedded(data_dir):
        pass
    return data_dir


def test_both_servers_answer_and_are_gone_afterwards(tmp_path):
    with embedded(tmp_path) as servers:
        with psycopg.connect(servers.database_url) as connection:
            row = connection.execute(
                "SELECT lower('ČÍŽ'), unaccent('Číž'), similarity('a', 'a'), current_setting('TimeZone'),"
                " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
            ).fetchone()
        assert row == ("číž", "Ciz", 1.0, "UTC", False)
        assert redis.Redis.from_url(servers.redis_url).config_get("maxmemory-policy") == {
            "maxmemory-policy": "noeviction"
        }

    assert processes_of(tmp_path) == []


def test_neither_server_lets_anybody_in_without_the_password(kept_dir):
    with embedded(kept_dir) as servers:
        stranger = servers.database_url.replace(KeptSecrets(kept_dir).get("postgres_indexus_password"), "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(stranger)
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=urlsplit(servers.redis_url).port, retry=Retry(NoBackoff(), 0)).ping()

    assert stat.S_IMODE((kept_dir / "secrets.json").stat().st_mode) == 0o600


def test_a_data_directory_serves_one_run_and_another_one_runs_beside(kept_dir, tmp_path):
    with embedded(kept_dir) as first:
        with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"), embedded(kept_dir):
            pass
        with embedded(tmp_path / "other") as second:
            assert first.database_url != second.database_url
            psycopg.connect(second.database_url).close()
        psycopg.connect(first.database_url).close()


def test_after_a_kill_nothing_survives_and_the_data_are_there(tmp_path):
    block = subprocess.Popen(
        [sys.executable, "-c", BLOCK.format(root=str(ROOT), data=str(tmp_path))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    database_url, redis_url = block.stdout.readline().split()
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    redis.Redis.from_url(redis_url).set("kept", "7")
    time.sleep(1.1)  # Valkey writes its log to the disk once a second

    block.kill()
    block.communicate()

    wait_for(lambda: not processes_of(tmp_path))
    with embedded(tmp_path, fast=False) as servers:
        with psycopg.connect(servers.database_url) as connection:
            assert connection.execute("SELECT value FROM kept").fetchone() == (7,)
        assert redis.Redis.from_url(servers.redis_url).get("kept") == b"7"


def test_a_stale_pid_that_belongs_to_somebody_else_is_ignored(kept_dir):
    account = process.account_for((kept_dir,), owned=kept_dir / "postgres")
    foreign = process.launch(["sleep", "60"], output=None, account=account)
    (kept_dir / "postgres" / "postmaster.pid").write_text(f"{foreign.pid}\n{kept_dir}/postgres\n")

    with embedded(kept_dir) as servers:
        psycopg.connect(servers.database_url).close()

    assert foreign.poll() is None
    foreign.kill()
    foreign.wait()


def test_servers_left_over_from_a_killed_run_are_replaced(kept_dir):
    kept = KeptSecrets(kept_dir)
    old_postgres, old_valkey = Postgres(kept_dir, kept, fast=True), Valkey(kept_dir, kept, fast=True)
    old_postgres.start()
    old_valkey.start()

    with embedded(kept_dir) as servers:
        psycopg.connect(servers.database_url).close()
        assert old_postgres.process.wait(5) == 0
        assert old_valkey.process.wait(5) == 0


def test_a_killed_server_comes_back_on_the_same_address(kept_dir):
    kept = KeptSecrets(kept_dir)
    for server in (Postgres(kept_dir, kept), Valkey(kept_dir, kept)):
        server.start()
        url = server.url

        server.process.kill()
        server.process.wait()
        server.restart()

        assert server.url == url
        server.stop()


def test_lost_secrets_are_made_anew_and_the_data_stay(tmp_path):
    with embedded(tmp_path) as servers, psycopg.connect(servers.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    (tmp_path / "secrets.json").unlink()

    with embedded(tmp_path) as servers, psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (7,)


def test_data_of_another_major_version_are_refused_in_words(kept_dir):
    version = kept_dir / "postgres" / "PG_VERSION"
    ours = version.read_text()
    version.write_text("15\n")

    with pytest.raises(ServerError, match="written by PostgreSQL 15; this one is 18"), embedded(kept_dir):
        pass

    version.write_text(ours)


def test_a_full_disk_is_said_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 3 * 1024**2))

    with pytest.raises(ServerError, match="Only 3 MB are free"), embedded(tmp_path):
        pass

    assert not (tmp_path / "postgres").exists()


def test_valkey_data_that_cannot_be_read_are_set_aside(tmp_path):
    kept = KeptSecrets(tmp_path)
    valkey = Valkey(tmp_path, kept)
    valkey.start()
    redis.Redis.from_url(valkey.url).set("a", "b")
    valkey.stop()
    for part in (tmp_path / "redis" / "appendonlydir").glob("*.incr.aof"):
        part.write_bytes(b"*9\r\nnot what it was\r\n" * 50)

    valkey.start()

    assert redis.Redis.from_url(valkey.url).get("a") is None
    assert (valkey.set_aside / "appendonlydir").is_dir()
    valkey.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends a right to another user")
def test_root_runs_postgres_as_another_user_below_a_closed_directory(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with embedded(closed / "var") as servers:
        psycopg.connect(servers.database_url).close()
        pid = int((closed / "var/postgres/postmaster.pid").read_text().split()[0])
        assert Path(f"/proc/{pid}").stat().st_uid != 0

    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_a_taken_port_is_named_with_its_holder():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ServerError, match=f"Port {port} is already in use by .*process {os.getpid()}"):
            ports.listen_on("127.0.0.1", port)
        with ports.listen_first("127.0.0.1", port) as next_one:
            assert next_one.getsockname()[1] > port


def test_a_child_is_restarted_later_and_later_until_it_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(children, "DELAYS", (0.0, 0.05, 0.1, 0.2))
    said: list[str] = []
    (tmp_path / "web.log").write_text("no such table\n")
    command = [sys.executable, "-c", "raise SystemExit(3)"]

    def start() -> subprocess.Popen[bytes]:
        return process.launch(command, output=None)

    child = Child("web", "The web server", tmp_path / "web.log", start, essential=True)
    child.begin()

    with pytest.raises(ServerError, match=r"ended 5 times in a row(.|\n)*no such table"):
        wait_for(lambda: child.tend(said.append))

    assert len(said) == 4
    assert "exit code 3" in said[0]


def test_translations_are_compiled_when_the_source_is_newer(tmp_path):
    source = tmp_path / "sk" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Yes"\nmsgstr "Áno"\n')

    assert texts.compile_stale(tmp_path) == 1
    assert texts.compile_stale(tmp_path) == 0
    assert "Áno".encode() in source.with_suffix(".mo").read_bytes()


def test_production_refuses_everything_that_is_missing_at_once():
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({"INDEXUS_MODE": "production", "DEMO_PASSWORD": "x", "PORT": "none", "SECRET_KEY": "short"})

    names = [sentence.split()[0] for sentence in refused.value.sentences]
    assert names == ["PORT", "SECRET_KEY", "ENCRYPTION_KEYS", "DEMO_PASSWORD", "DATABASE_URL", "REDIS_URL"]


def test_development_secrets_are_made_once_and_travel_to_children(tmp_path):
    settings = Settings.from_env({"DATA_DIR": str(tmp_path), "PORT": ""})

    assert Settings.from_env({"DATA_DIR": str(tmp_path)}) == settings
    assert Settings.from_env(settings.environ()) == settings
    assert settings.secret_key not in repr(settings)


class Checkout:
    """A small checkout: the real supervisor over an application of a few lines."""

    def __init__(self, root: Path) -> None:
        self.root, self.data_dir = root, root / "var"
        shutil.copytree(
            ROOT / "app/core/servers", root / "app/core/servers", ignore=shutil.ignore_patterns("__pycache__")
        )
        for name in ("config.py", "run.py"):
            shutil.copy(ROOT / name, root / name)
        (root / "app/__init__.py").write_text(STUB_APP)
        (root / "app/core/__init__.py").touch()
        (root / "app/core/migrate.py").write_text(STUB_MIGRATE)
        for name in ("live.py", "resting.py", "streams.py"):
            shutil.copy(ROOT / "app/core" / name, root / "app/core" / name)
        (root / "app/core/db.py").write_text(STUB_DB)
        (root / "app/seed.py").write_text(STUB_SEED)
        (root / "app/background.py").write_text(STUB_BACKGROUND)
        self.runs: list[subprocess.Popen[str]] = []

    def start(self, **environ: str) -> subprocess.Popen[str]:
        inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        run = subprocess.Popen(
            [sys.executable, "run.py"],
            cwd=self.root, env=inherited | {"WEB_WORKERS": "1"} | environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self.runs.append(run)
        return run

    def ready(self, run: subprocess.Popen[str]) -> dict[str, Any]:
        """What run.json says, once it is there."""
        return wait_for(lambda: running(self.data_dir) if run.poll() is None else pytest.fail(run.stdout.read()), 30)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Callable[[str], Checkout]]:
    made: list[Checkout] = []

    def make(name: str) -> Checkout:
        (tmp_path / name).mkdir()
        made.append(Checkout(tmp_path / name))
        return made[-1]

    yield make
    for run in (run for one in made for run in one.runs if run.poll() is None):
        run.kill()
        run.communicate()


def test_two_checkouts_run_side_by_side_and_stop_cleanly(checkout):
    first, second = checkout("first"), checkout("second")
    runs = [first.start(DEMO_PASSWORD="tea-and-cake"), second.start()]
    told = [one.ready(run) for one, run in zip((first, second), runs, strict=True)]

    again = first.start()
    assert again.wait(10) == 1
    assert f"already runs at {told[0]['address']}" in again.stdout.read()
    for facts, run in zip(told, runs, strict=True):
        assert facts["pid"] == run.pid and facts["mode"] == "development"
        assert urllib.request.urlopen(f"{facts['address']}/healthz").read() == b"ok"
        psycopg.connect(facts["database_url"]).close()
    assert stat.S_IMODE((first.data_dir / "run.json").stat().st_mode) == 0o600

    for run, number in zip(runs, (signal.SIGTERM, signal.SIGINT), strict=True):
        run.send_signal(number)
    said = [run.communicate(timeout=20)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert "tea-and-cake" in said[0] and "demo data loaded" in said[0] and said[0].endswith("Stopped.\n")
    assert not (first.data_dir / "run.json").exists()
    assert processes_of(first.root) == [] == processes_of(second.root)


def test_a_killed_part_is_restarted_and_a_killed_run_leaves_nothing(checkout):
    one = checkout("one")
    run = one.start()
    facts = one.ready(run)
    postgres = int((one.data_dir / "postgres/postmaster.pid").read_text().split()[0])
    os.kill(postgres, signal.SIGKILL)
    assert "PostgreSQL ended (signal SIGKILL)" in wait_for(
        lambda: next((line for line in run.stdout if "ended" in line), None)
    )
    wait_for(lambda: _answers(facts["database_url"]))

    run.kill()
    run.communicate()
    wait_for(lambda: not processes_of(one.root))

    run = one.start(PORT=facts["address"].rpartition(":")[2])
    with psycopg.connect(one.ready(run)["database_url"]) as connection:
        assert connection.execute("SELECT count(*) FROM starts").fetchone() == (2,)


def test_wrong_settings_and_a_taken_port_end_the_run_with_sentences(checkout):
    one = checkout("one")
    wrong = one.start(WEB_WORKERS="none", REDIS_URL="http://elsewhere")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said, _ = wrong.communicate(timeout=20)
        blocked = one.start(PORT=str(port))
        refusal, _ = blocked.communicate(timeout=20)

    assert wrong.returncode == 2
    assert [line.split()[0] for line in said.splitlines()] == ["WEB_WORKERS", "REDIS_URL"]
    assert blocked.returncode == 1
    assert f"Port {port} is already in use" in refusal


def test_the_lock_goes_with_its_holder(tmp_path):
    with held(tmp_path), pytest.raises(AlreadyRunning), held(tmp_path):
        pass
    with held(tmp_path):
        assert (tmp_path / ".lock").read_text() == str(os.getpid())


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
