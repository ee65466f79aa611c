"""Values the operator sets, and the secrets that a checkout keeps for itself."""

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Replace `path` in one step, readable by its owner only."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


class KeptSecrets:
    """Secrets generated once for a data directory: `secrets.json`, a flat object of strings, mode 0600."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "secrets.json"

    def get(self, name: str) -> str | None:
        """The kept secret, None when there is none yet. Raises ValueError when the file is not JSON."""
        return self._read().get(name)

    def get_or_make(self, name: str, make: Callable[[], str]) -> str:
        """The kept secret, made and kept at first need; two processes agree on one value."""
        found = self.get(name)
        if found:
            return found
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path.with_name(".secrets.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = self._read()
            if not kept.get(name):
                kept[name] = make()
                write_private(self.path, json.dumps(kept, indent=2, sort_keys=True) + "\n")
            return kept[name]

    def _read(self) -> dict[str, str]:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        try:
            kept: dict[str, str] = json.loads(text)
        except ValueError as error:
            raise ValueError(f"{self.path} is damaged: {error}.") from None
        return kept
