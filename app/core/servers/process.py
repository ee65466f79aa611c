"""Children that end with their parent, and never run as root when they must not."""

import ctypes
import os
import pwd
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.core.servers.errors import ServerError

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
NOBODY = "nobody"

# Loaded once, before any fork: a child between fork and exec must not import.
_libc = ctypes.CDLL(None, use_errno=True)


class _CapHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapData(ctypes.Structure):
    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


@dataclass(frozen=True)
class Account:
    """The system user that a server runs as, in place of root."""

    name: str
    uid: int
    gid: int
    capability: int | None = None  # lets it pass parent directories that are closed to it

    def own(self, path: Path) -> None:
        """Give `path` (not what is below it) to this user."""
        os.chown(path, self.uid, self.gid)


def account_for(paths: Sequence[Path], *, owned: Path) -> Account | None:
    """The user that can run a server on `paths`; None when this process is not root.

    PostgreSQL refuses to run as root. The owner of `owned` (data of an
    earlier run) is taken when it exists and is not root, else `nobody`.
    Parent directories keep their modes: where they are closed to that user,
    it is lent the one capability that passes them.

    Raises ServerError when no user exists or the directories stay closed.
    """
    if os.geteuid() != 0:
        return None
    try:
        uid = owned.stat().st_uid if owned.exists() else 0
        entry = pwd.getpwuid(uid) if uid else pwd.getpwnam(NOBODY)
    except KeyError:
        raise ServerError(
            "PostgreSQL does not run as root, and this system has no user `nobody`. Run as an ordinary user."
        ) from None
    account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    closed = [parent for path in paths for parent in path.resolve().parents if not _may_enter(parent, account)]
    if not closed:
        return account
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        if _permitted_capabilities() >> capability & 1:
            return Account(account.name, account.uid, account.gid, capability)
    raise ServerError(
        f"PostgreSQL does not run as root, and the user `{account.name}` may not enter {closed[0]}. "
        "Set DATA_DIR to a directory that other users may enter, or run as an ordinary user."
    )


def _may_enter(directory: Path, account: Account) -> bool:
    found = directory.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _permitted_capabilities() -> int:
    """This process's permitted capabilities as bits; 0 where the system has none."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    lines = [line for line in status.splitlines() if line.startswith("CapPrm:")]
    return int(lines[0].split()[1], 16) if lines else 0


def launch(
    command: Sequence[str | Path],
    *,
    output: IO[bytes] | int | None,
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `command` so that it gets `death_signal` when this process ends, even by kill -9.

    Call it from the main thread: Linux ties the signal to the thread that
    forked. A new session keeps the terminal's Ctrl-C away from the child, so
    the parent decides the order of stopping.
    """
    return subprocess.Popen(
        [str(word) for word in command],
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=dict(environ) if environ is not None else None,
        cwd=cwd,
        pass_fds=tuple(pass_fds),
        start_new_session=True,
        preexec_fn=_setup(account, death_signal),
    )


def _setup(account: Account | None, death_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def setup() -> None:
        if account is not None:
            _become(account)
        if sys.platform == "linux":
            # After the change of user, which clears it.
            _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:  # the parent ended before the line above
                os._exit(1)

    return setup


def _become(account: Account) -> None:
    lent = account.capability
    if lent is not None:
        _libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)
    os.umask(0o077)
    if lent is not None:
        bit = 1 << lent
        data = (_CapData * 2)(_CapData(bit, bit, bit), _CapData(0, 0, 0))
        _libc.capset(ctypes.byref(_CapHeader(CAPABILITY_VERSION_3, 0)), data)
        _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, lent, 0, 0)


def is_alive(pid: int) -> bool:
    """True when the process exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not Path("/proc/self").exists()


def works_in(pid: int, program: str, directory: Path) -> bool:
    """True when the process is `program` and serves `directory`.

    A pid in a stale file may belong to anybody by now, so the name alone
    proves nothing: both servers make their data directory the working one.
    """
    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
        return name.startswith(program) and os.path.samefile(f"/proc/{pid}/cwd", directory)
    except OSError:
        if Path("/proc/self").exists():
            return False
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return program in listed.stdout and str(directory) in listed.stdout


def stop_leftover(pid: int, first: signal.Signals, *, seconds: float = 20.0) -> None:
    """End a server that an earlier, killed run left behind; a second, harder signal after `seconds`.

    Raises ServerError when it survives both or belongs to somebody else.
    """
    for number in (first, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        except PermissionError:
            raise ServerError(f"Process {pid} of another user still serves this data directory. Stop it.") from None
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not is_alive(pid):
                return
            time.sleep(0.05)
    raise ServerError(f"Process {pid} still serves this data directory and does not stop.")


def stop(process: subprocess.Popen[bytes], number: signal.Signals, *, seconds: float) -> None:
    """End our own child; kill its whole session when it is still there after `seconds`."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            kill_session(process)
            process.wait()


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the child and to all that it started, process groups of its own included."""
    for pid in {process.pid, *_session(process.pid)}:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue  # ended meanwhile


def _session(leader: int) -> list[int]:
    """Processes of the session that `leader` leads; empty where there is no /proc."""
    found = []
    for stat_file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat_file.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended meanwhile
        if int(fields[3]) == leader:
            found.append(int(stat_file.parent.name))
    return found
