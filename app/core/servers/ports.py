"""Which TCP port a server gets, and who holds one that is taken."""

import errno
import socket
from pathlib import Path

from app.core.servers.errors import ServerError

LISTEN_STATE = "0A"  # as /proc/net/tcp writes it
HIGHEST_PORT = 65535
BACKLOG = 2048  # as gunicorn asks for


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host`:`port` from now on, so that nobody else can take the port.

    Raises OSError.
    """
    server = socket.socket(_family(host), socket.SOCK_STREAM)
    try:
        # Without it a port whose last connections are still closing counts as taken.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, port))
        server.listen(BACKLOG)
    except OSError:
        server.close()
        raise
    return server


def listen_first(host: str, start: int, tries: int = 200) -> socket.socket:
    """Listen on the lowest free port from `start` on.

    Raises ServerError when `tries` ports in a row are taken.
    """
    for port in range(start, min(start + tries, HIGHEST_PORT + 1)):
        try:
            return listen(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ServerError(_why(host, port, error)) from None
    raise ServerError(f"No free port was found from {start} to {start + tries - 1}. Set PORT.")


def listen_on(host: str, port: int) -> socket.socket:
    """Listen on the port that the operator asked for.

    Raises ServerError with the port, and its holder where /proc tells it.
    """
    try:
        return listen(host, port)
    except OSError as error:
        raise ServerError(_why(host, port, error)) from None


def any_free(host: str = "127.0.0.1") -> int:
    """A port that nobody uses, chosen by the kernel; another process may still take it first."""
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        name = holder(port)
        by = f" by {name}" if name else ""
        return f"Port {port} is already in use{by}. Set PORT to another one, or leave it out."
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than this user has. Set PORT above 1023."
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"HOST {host} is not an address of this machine."
    return f"The web server cannot listen on {host}, port {port}: {error.strerror}."


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def holder(port: int) -> str | None:
    """ "name (process 123)" of the process that listens on `port`; None when it cannot be told."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if _holds(process, inodes):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            continue  # the process of another user, or one that has just ended
    return None


def _holds(process: Path, links: set[str]) -> bool:
    """True when the process of this /proc directory has one of the sockets open."""
    for descriptor in (process / "fd").iterdir():
        try:
            if str(descriptor.readlink()) in links:
                return True
        except FileNotFoundError:
            continue  # closed since it was listed
    return False


def _listening_inodes(port: int) -> set[str]:
    """Sockets that listen on `port`, as the links in /proc/<pid>/fd name them."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue  # no /proc, or no IPv6
        for row in rows:
            fields = row.split()
            if fields[3] == LISTEN_STATE and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found
