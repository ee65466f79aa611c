"""Values the operator sets, read once from the environment, and secrets that a checkout keeps for itself."""

import base64
import binascii
import fcntl
import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from babel.numbers import is_currency
from environs import Env, EnvValidationError, ValidationError, validate

ROOT = Path(__file__).resolve().parent
APP_NAME = "INDEXUS CRM"
WEB_THREADS = 8  # ordinary requests at a time, per web process
STREAM_PLACES = 48  # event streams at a time beside them, per web process
SHORTEST_SECRET_KEY = 32  # characters, in production
KEY_BYTES = 32  # AES-256
WELL_KNOWN = ("change", "secret", "default", "example", "thisismyscretkey")
LANGUAGES = {
    "en": {"flag": "gb", "name": "English"},
    "sk": {"flag": "sk", "name": "Slovenčina"},
    "cs": {"flag": "cz", "name": "Čeština"},
    "hu": {"flag": "hu", "name": "Magyar"},
    "ro": {"flag": "ro", "name": "Română"},
    "it": {"flag": "it", "name": "Italiano"},
    "de": {"flag": "de", "name": "Deutsch"},
}
DATABASE_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
FILES_SCHEMES = ("file", "s3", "s3+http", "s3+https", "http", "https")
REDIS_SCHEMES = ("redis", "rediss", "unix")
SMTP_SCHEMES = ("smtp", "smtps")
WEB_SCHEMES = ("http", "https")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
EVERY_INTERFACE = ("0.0.0.0", "::", "[::]")


class SettingsError(Exception):
    """The environment is not usable. `sentences` says everything that is wrong, one each."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Settings:
    """What the operator decides. URLs keep the form in which they were given."""

    mode: Literal["development", "production"]
    data_dir: Path  # absolute
    host: str
    port: int | None  # None: the first free one from 8080
    public_url: str | None  # base of links in e-mails; None: the address of the web server
    allowed_hosts: tuple[str, ...]  # names it is reached by, beside loopback and PUBLIC_URL's; ".x.com" with subdomains
    proxy_hops: int  # trusted proxies in front of the web server
    web_workers: int  # processes, each with WEB_THREADS and STREAM_PLACES
    files_url: str
    reporting_currency: str  # what dashboards add amounts up in, at the rates of the day
    database_url: str | None = field(repr=False)  # None: embedded
    redis_url: str | None = field(repr=False)  # None: embedded
    smtp_url: str | None = field(repr=False)
    secret_key: str = field(repr=False)
    encryption_keys: Mapping[str, bytes] = field(repr=False)  # id -> 32 bytes; the first one encrypts
    demo_password: str | None = field(repr=False)  # None in production

    @property
    def is_production(self) -> bool:
        return self.mode == "production"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check `environ`; an empty value counts as absent.

        In development, missing secrets are made once and kept in
        `DATA_DIR/secrets.json`. Raises SettingsError with everything that is
        wrong at once.
        """
        given = {name: value for name, value in environ.items() if value.strip()}
        env = _Given(given)
        mode = env.str("INDEXUS_MODE", "development", validate=_one_of("development", "production"))
        data_dir = Path(env.str("DATA_DIR", "var")).expanduser()
        data_dir = data_dir if data_dir.is_absolute() else ROOT / data_dir
        port = env.int("PORT", None, validate=_between(1, 65535))
        host = env.str("HOST", "127.0.0.1")
        workers = env.int("WEB_WORKERS", 2, validate=_between(1, 64))
        hops = env.int("PROXY_HOPS", 0, validate=_between(0, 10))
        public = env.str("PUBLIC_URL", None, validate=_url(WEB_SCHEMES))
        hosts = env.str("ALLOWED_HOSTS", "", validate=_hosts)
        files = env.str("FILES_URL", f"file://{data_dir}/files", validate=_url(FILES_SCHEMES, local=True))
        currency = env.str("REPORTING_CURRENCY", "EUR", validate=_currency)
        database = env.str("DATABASE_URL", None, validate=_url(DATABASE_SCHEMES, local=True))
        redis = env.str("REDIS_URL", None, validate=_url(REDIS_SCHEMES, local=True))
        smtp = env.str("SMTP_URL", None, validate=_url(SMTP_SCHEMES))
        key = env.str("SECRET_KEY", None)
        encryption_keys = env.encryption_keys("ENCRYPTION_KEYS", None)
        demo = env.str("DEMO_PASSWORD", None)
        sentences = env.sentences()
        if mode == "production":
            sentences += _production_refusals(given)
        if sentences:
            raise SettingsError(sentences)
        if mode == "development":
            kept = KeptSecrets(data_dir)
            try:
                key = key or kept.get_or_make("secret_key", lambda: secrets.token_urlsafe(48))
                encryption_keys = encryption_keys or parse_encryption_keys(
                    kept.get_or_make("encryption_keys", make_encryption_key)
                )
                demo = demo or kept.get_or_make("demo_password", make_password)
            except (OSError, ValidationError) as error:
                raise SettingsError([f"Secrets cannot be kept in {kept.path}: {error}"]) from error
        return cls(
            mode="production" if mode == "production" else "development",
            data_dir=data_dir,
            host=host,
            port=port,
            public_url=public,
            allowed_hosts=tuple(part.strip().lower() for part in hosts.split(",") if part.strip()),
            proxy_hops=hops,
            web_workers=workers,
            files_url=files,
            reporting_currency=currency,
            database_url=database,
            redis_url=redis,
            smtp_url=smtp,
            secret_key=key or "",
            encryption_keys=encryption_keys,
            demo_password=demo,
        )

    def trusted_hosts(self) -> list[str]:
        """Host names that a request may carry; nothing is built from any other one.

        Without ALLOWED_HOSTS and PUBLIC_URL: this machine only. A development server on every interface is also
        reached by any bare address, which no foreign page can point a name of its own to.
        """
        public = [found] if self.public_url and (found := urlsplit(self.public_url).hostname) else []
        bound = [] if self.host in EVERY_INTERFACE else [self.host]
        return [*dict.fromkeys([*LOOPBACK, *bound, *public, *self.allowed_hosts])]

    @property
    def trusts_addresses(self) -> bool:
        """Whether a bare IP address will do as the host."""
        return not self.is_production and self.host in EVERY_INTERFACE

    @property
    def base_url(self) -> str:
        """What links in e-mails begin with; without a slash at the end."""
        host = "localhost" if self.host in EVERY_INTERFACE else self.host
        local = f"http://{f'[{host}]' if ':' in host else host}" + (f":{self.port}" if self.port else "")
        return (self.public_url or local).rstrip("/")

    def attached(self) -> "Settings":
        """The same settings, with the addresses of the servers that run for this data directory.

        For commands typed beside `make run`. Unchanged when nothing runs, or
        when the environment names the servers.
        """
        if self.database_url and self.redis_url:
            return self
        found = running(self.data_dir)
        if found is None:
            return self
        return replace(
            self,
            database_url=self.database_url or found["database_url"],
            redis_url=self.redis_url or found["redis_url"],
        )

    def environ(self) -> dict[str, str]:
        """The settings as environment variables, for a child process; `from_env` reads them back."""
        values = {
            "INDEXUS_MODE": self.mode,
            "DATA_DIR": str(self.data_dir),
            "HOST": self.host,
            "PORT": str(self.port or ""),
            "PUBLIC_URL": self.public_url or "",
            "ALLOWED_HOSTS": ",".join(self.allowed_hosts),
            "PROXY_HOPS": str(self.proxy_hops),
            "WEB_WORKERS": str(self.web_workers),
            "FILES_URL": self.files_url,
            "REPORTING_CURRENCY": self.reporting_currency,
            "DATABASE_URL": self.database_url or "",
            "REDIS_URL": self.redis_url or "",
            "SMTP_URL": self.smtp_url or "",
            "SECRET_KEY": self.secret_key,
            "ENCRYPTION_KEYS": ",".join(
                f"{name}:{base64.b64encode(key).decode()}" for name, key in self.encryption_keys.items()
            ),
            "DEMO_PASSWORD": self.demo_password or "",
        }
        return {name: value for name, value in values.items() if value}


def flask_config(settings: Settings) -> dict[str, Any]:
    """Configuration of Flask and its extensions, Flask-AppBuilder among them.

    Raises SettingsError when the settings name no database (embedded servers not running).
    """
    if settings.database_url is None:
        raise SettingsError(["No database is running. Start `make run`, or set DATABASE_URL."])
    return {
        "APP_NAME": APP_NAME,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": sqlalchemy_url(settings.database_url),
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(),
        "SQLALCHEMY_TRACK_MODIFICATIONS": False,
        "MAX_CONTENT_LENGTH": 16 * 1024**2,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        # As long as the server lets a session live; so no answer needs to sign the same cookie anew.
        "SESSION_REFRESH_EACH_REQUEST": False,
        # Two checkouts on one machine share the host name, and cookies do not tell ports apart.
        # `__Host-`: browsers take it only with Secure, for this host and the whole of it.
        "SESSION_COOKIE_NAME": "__Host-indexus" if settings.is_production else f"indexus_{settings.port or 'dev'}",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_production,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": settings.is_production,
        "PREFERRED_URL_SCHEME": "https" if settings.is_production else "http",
        "WTF_CSRF_ENABLED": True,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form may stay open over lunch
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(minutes=15),
        "JWT_REFRESH_TOKEN_EXPIRES": timedelta(hours=12),  # as long as its session
        "AUTH_TYPE": 1,  # flask_appbuilder.const.AUTH_DB; importing it would load the whole framework
        # Tries are counted in PostgreSQL (`app.access.limits`): the framework's own counters lose them with Redis.
        "AUTH_RATE_LIMITED": False,
        "RATELIMIT_ENABLED": False,
        "REDIS_URL": settings.redis_url or "",
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "FAB_ADD_SECURITY_VIEWS": True,
        "FAB_API_SWAGGER_UI": False,
        "REPORTING_CURRENCY": settings.reporting_currency,
        "LANGUAGES": LANGUAGES,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_DEFAULT_TIMEZONE": "UTC",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
    }


def engine_options(*, statement_seconds: int = 15) -> dict[str, Any]:
    """Arguments of `create_engine`: a pool for one process's threads, and time limits on every connection.

    A worker may allow longer statements than a page.
    """
    limits = {
        "timezone": "UTC",
        "statement_timeout": statement_seconds * 1000,
        "lock_timeout": 5000,
        "idle_in_transaction_session_timeout": 30000,
    }
    return {
        "hide_parameters": True,  # errors end in the log; names, numbers and codes of people do not
        "pool_pre_ping": True,
        "pool_size": WEB_THREADS,
        "max_overflow": 2,
        "pool_timeout": 3,
        "pool_recycle": 1800,
        "connect_args": {
            "connect_timeout": 3,
            "application_name": "indexus",
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    }


def sqlalchemy_url(database_url: str) -> str:
    """`postgres://` and `postgresql://` as SQLAlchemy wants them for psycopg 3."""
    return "postgresql+psycopg://" + database_url.partition("://")[2]


def parse_encryption_keys(text: str) -> dict[str, bytes]:
    """`id:base64,id:base64` as id -> 32 bytes, in the given order. Raises ValidationError."""
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        name, _, body = part.strip().partition(":")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", name) or not body:
            raise ValidationError("must look like `id:base64`, several separated by commas.")
        if name in keys:
            raise ValidationError(f"names the key `{name}` twice.")
        try:
            keys[name] = base64.b64decode(body.translate(str.maketrans("-_", "+/")), validate=True)
        except binascii.Error:
            raise ValidationError(f"holds a key `{name}` that is not base64.") from None
        if len(keys[name]) != KEY_BYTES:
            raise ValidationError(f"holds a key `{name}` that is not {KEY_BYTES} bytes long.")
    return keys


def make_encryption_key() -> str:
    """One new key in the form of ENCRYPTION_KEYS."""
    return f"k{secrets.token_hex(3)}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def make_password() -> str:
    """A random password that is easy to type: three groups of four letters or digits, about 59 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


def running(data_dir: Path) -> dict[str, Any] | None:
    """What `run.json` says of the instance on this data directory; None when none runs.

    Keys: address, database_url, redis_url, pid, started_at (UTC, ISO 8601), mode.
    """
    try:
        found: dict[str, Any] = json.loads((data_dir / "run.json").read_text(encoding="utf-8"))
        os.kill(found["pid"], 0)
    except (FileNotFoundError, ProcessLookupError, ValueError, KeyError):
        return None  # never started, or killed without time to remove the file
    except PermissionError:
        return None  # of another user, whose secrets are not ours to read
    return found


def write_private(path: Path, text: str) -> None:
    """Replace `path` in one step, readable by the owner of its directory only, also when root writes it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        if os.geteuid() == 0:
            os.fchown(file.fileno(), path.parent.stat().st_uid, -1)
    fresh.replace(path)


class KeptSecrets:
    """Secrets generated once for a data directory: `secrets.json`, a flat object of strings, mode 0600."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "secrets.json"

    def get(self, name: str) -> str | None:
        """The kept secret, None when there is none yet. Raises SettingsError when the file is damaged."""
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
            raise SettingsError([f"{self.path} is damaged: {error}."]) from None
        return kept


class _Given(Env):
    """Reads the mapping it is given; the library alone would look into the process's environment first."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__(eager=False)
        self._given = given
        self.add_parser("encryption_keys", lambda text: parse_encryption_keys(text) if text else None)

    def _get_value(self, env_key: str, default: Any) -> Any:
        return self._given.get(env_key, default)

    def sentences(self) -> list[str]:
        """Everything that is wrong, after the last value was asked for."""
        try:
            self.seal()
        except EnvValidationError as error:
            messages = cast("Mapping[str, list[str]]", error.error_messages)
            return [f"{name} {_plain(message)}" for name, found in messages.items() for message in found]
        return []


def _plain(message: str) -> str:
    return "must be a whole number." if message == "Not a valid integer." else message


def _one_of(*choices: str) -> Callable[[str], Any]:
    return validate.OneOf(choices, error=f"must be one of: {', '.join(choices)}.")


def _between(low: int, high: int) -> Callable[[int], Any]:
    return validate.Range(low, high, error=f"must be from {low} to {high}.")


def _url(schemes: tuple[str, ...], *, local: bool = False) -> Callable[[str], None]:
    """A check for URLs with one of the schemes; `local` ones may have a path in place of a host.

    The value is not repeated in the error: it may hold a password.
    """

    def check(value: str) -> None:
        try:
            parts = urlsplit(value)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise ValidationError("is not a valid address.") from None
        if parts.scheme not in schemes or not (host or (local and (parts.path.strip("/") or parts.query))):
            starts = " or ".join(f"{scheme}://" for scheme in schemes)
            raise ValidationError(f"must be an address that starts with {starts}.")

    return check


def _currency(value: str) -> None:
    if not is_currency(value):
        raise ValidationError("must be a currency by its three letters, such as EUR or CZK.")


def _hosts(value: str) -> None:
    """A check for names with commas: no scheme, port, path or star."""
    for name in filter(None, map(str.strip, value.split(","))):
        if not re.fullmatch(r"\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]", name):
            raise ValidationError(f"holds `{name}`; give names such as `crm.example.com`, separated by commas.")


def _production_refusals(given: Mapping[str, str]) -> list[str]:
    """What development forgives and production does not."""
    sentences = []
    key = given.get("SECRET_KEY")
    if key is None:
        sentences.append("SECRET_KEY is missing; production needs one that stays the same on all machines.")
    elif len(key) < SHORTEST_SECRET_KEY or len(set(key)) < 10:
        sentences.append(f"SECRET_KEY is too weak; give at least {SHORTEST_SECRET_KEY} random characters.")
    elif any(word in re.sub(r"[^a-z]", "", key.lower()) for word in WELL_KNOWN):
        sentences.append("SECRET_KEY looks like a default value; give random characters.")
    if "ENCRYPTION_KEYS" not in given:
        sentences.append("ENCRYPTION_KEYS is missing; give `id:base64` of 32 random bytes.")
    if "DEMO_PASSWORD" in given:
        sentences.append("DEMO_PASSWORD is set; production has no demo users.")
    for name in ("DATABASE_URL", "REDIS_URL"):
        if name not in given:
            sentences.append(f"{name} is missing; production does not use the embedded servers.")
    return sentences
