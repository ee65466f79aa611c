"""PostgreSQL and Valkey together, for as long as a block runs."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.servers.lock import held
from app.core.servers.postgres import Postgres
from app.core.servers.valkey import Valkey
from config import KeptSecrets


@dataclass(frozen=True)
class Servers:
    """Addresses of two running servers, as DATABASE_URL and REDIS_URL would give them."""

    database_url: str
    redis_url: str


@contextmanager
def embedded(data_dir: Path, *, fast: bool = True) -> Iterator[Servers]:
    """Run both servers on free ports with their data in `data_dir`; stop them at the end.

    `fast` gives up safety against power cuts, which suits tests. The role in
    the URL owns the database `indexus` and may create others. Enter it from
    the main thread.

    Raises AlreadyRunning when another process uses `data_dir`, ServerError
    when a server does not start.
    """
    data_dir = data_dir.resolve()
    kept = KeptSecrets(data_dir)
    with ExitStack() as stack:
        stack.enter_context(held(data_dir))
        postgres = Postgres(data_dir, kept, fast=fast)
        stack.callback(postgres.stop)
        postgres.start()
        valkey = Valkey(data_dir, kept, fast=fast)
        stack.callback(valkey.stop)
        valkey.start()
        yield Servers(postgres.url, valkey.url)
