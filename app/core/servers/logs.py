"""The log files of a data directory: one per server, kept for a few starts."""

from pathlib import Path

KEPT = 3  # earlier starts


def directory(data_dir: Path) -> Path:
    """`data_dir`/log, created when missing; private, as a failed statement is logged with its values."""
    logs = data_dir / "log"
    logs.mkdir(parents=True, exist_ok=True)
    logs.chmod(0o700)
    return logs


def rotate(logs: Path) -> None:
    """`web.log` becomes `web.log.1`, and so on; the oldest is dropped."""
    for log in sorted(logs.glob("*.log")):
        for number in range(KEPT, 0, -1):
            older = log.with_name(f"{log.name}.{number}")
            newer = log.with_name(f"{log.name}.{number - 1}") if number > 1 else log
            if newer.exists():
                newer.replace(older)


def last_lines(log: Path, count: int = 8) -> list[str]:
    """The last lines of a log file, without reading all of it."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 16_384))
            return file.read().decode("utf-8", "replace").splitlines()[-count:]
    except FileNotFoundError:
        return []


def ending(log: Path, count: int = 8) -> str:
    """The last lines as an indented paragraph under a heading, for an error that a person reads."""
    return "\n".join([f"The end of {log}:", *(f"  {line}" for line in last_lines(log, count))])
