"""Reads what concerns the machine: where to listen, where to keep things, how to log, what others may send."""

import base64
import binascii
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from bot.configuration.reading import Reader
from bot.configuration.secrets import KEYS
from bot.configuration.shape import (
    BlobKind,
    DatabaseSection,
    LogSection,
    RedisSection,
    S3Section,
    ServerSection,
    SmtpDoorSection,
    StorageSection,
)
from bot.configuration.values import Log, Server, Storage
from bot.plan import S3Plan, SmtpDoorPlan

_POSTGRES = ("postgres", "postgresql", "postgresql+asyncpg")
_SQLITE = ("sqlite", "sqlite+aiosqlite")
_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_REDIS = ("redis", "rediss", "unix")


def read_server(reader: Reader) -> Server | None:
    section = reader.table("server", ServerSection)
    if section is None:
        return None
    return Server(section.host, section.port, section.worker_port, section.public_url, section.trust_proxy)


def read_log(reader: Reader) -> Log | None:
    section = reader.table("log", LogSection)
    return None if section is None else Log(section.level, section.as_json)


def read_storage(reader: Reader, base: Path) -> Storage | None:
    """Relative paths are beside the configuration file, whatever the directory the program is started in."""
    section = reader.table("storage", StorageSection)
    database = reader.table("database", DatabaseSection)
    redis = _redis(reader) if "redis" in reader.document else _NO_REDIS
    if section is None or database is None or redis is None:
        return None
    data_dir = (base / section.data_dir).resolve()
    url = _database(reader, _open(database.url), base, data_dir)
    if section.blobs is BlobKind.S3 and section.s3 is None:
        reader.problems.error(("storage", "s3"), "s3_missing")
    if section.blobs is BlobKind.S3 and importlib.util.find_spec("aiobotocore") is None:
        reader.problems.error(("storage", "blobs"), "s3_not_installed")
    if section.blobs is BlobKind.DIRECTORY and section.s3 is not None:
        reader.problems.warn(("storage", "s3"), "s3_unused")
    if url.startswith("sqlite") and redis.url:
        reader.problems.warn(("redis", "url"), "redis_with_sqlite")
    if url.startswith("postgresql") and not redis.url:
        reader.problems.warn(("database", "url"), "postgres_without_redis")
    s3 = _s3(section.s3) if section.blobs is BlobKind.S3 and section.s3 is not None else None
    return Storage(url, redis.url, redis.prefix, data_dir, s3)


def _database(reader: Reader, written: str, base: Path, data_dir: Path) -> str:
    place = ("database", "url")
    if place in reader.secrets.wanted:
        reader.problems.error(place, "secret_too_early")
        return ""
    if not written:
        return f"sqlite+aiosqlite:///{data_dir / 'madoguchi.db'}"
    scheme, separator, rest = written.partition("://")
    if separator and scheme in _POSTGRES and urlsplit(f"postgresql://{rest}").path.strip("/"):
        return f"postgresql+asyncpg://{rest}"
    if separator and scheme in _SQLITE and rest.startswith("/") and rest.strip("/") and not rest.endswith(":memory:"):
        return f"sqlite+aiosqlite:///{(base / rest[1:]).resolve()}"
    reader.problems.error(place, "database_url")
    return ""


@dataclass(frozen=True, slots=True)
class _Redis:
    url: str = ""
    prefix: str = ""


_NO_REDIS = _Redis()


def _redis(reader: Reader) -> _Redis | None:
    place = ("redis", "url")
    section = reader.table("redis", RedisSection)
    if section is None:
        return None
    if place in reader.secrets.wanted:
        reader.problems.error(place, "secret_too_early")
        return None
    url = _open(section.url)
    if urlsplit(url).scheme not in _REDIS or "://" not in url:
        reader.problems.error(place, "redis_url")
        return None
    return _Redis(url, section.prefix)


def _s3(section: S3Section) -> S3Plan:
    return S3Plan(
        bucket=section.bucket,
        region=section.region,
        endpoint=(section.endpoint or "").rstrip("/"),
        prefix=section.prefix.strip("/"),
        access_key=_open(section.access_key),
        secret_key=_open(section.secret_key),
    )


def read_smtp_door(reader: Reader, base: Path) -> SmtpDoorPlan | None:
    """None when the file has no [smtp_door]."""
    if "smtp_door" not in reader.document:
        return None
    section = reader.table("smtp_door", SmtpDoorSection)
    if section is None:
        return None
    certificate, key = (None if one is None else base / one for one in (section.tls_certificate, section.tls_key))
    if (certificate is None) != (key is None):
        missing = "tls_key" if key is None else "tls_certificate"
        reader.problems.error(("smtp_door", missing), "tls_halves", name=missing)
    for name, path in (("tls_certificate", certificate), ("tls_key", key)):
        if path is not None and not path.is_file():
            reader.problems.error(("smtp_door", name), "no_file", path=path)
    if section.require_tls and certificate is None:
        reader.problems.error(("smtp_door", "require_tls"), "tls_required_without")
    return SmtpDoorPlan(
        host=section.host,
        port=section.port,
        hostname=section.hostname,
        certificate=certificate,
        key=key,
        require_tls=section.require_tls,
        mail_bytes=section.mail_size,
        connections=section.connections,
    )


def read_keys(reader: Reader, environ: Mapping[str, str]) -> str:
    """The keys that secrets in the database are encrypted with: `id:key` pairs, of which the first encrypts. There is
    always such a secret: the one that signs what leaves."""
    pairs = [pair.strip().partition(":") for pair in environ.get(KEYS, "").split(",") if pair.strip()]
    if not pairs:
        reader.problems.error((), "keys_missing")
    if not all(_KEY_ID.fullmatch(name) and _is_key(key) for name, _, key in pairs):
        reader.problems.error((), "keys_format")
    if len({name for name, _, _ in pairs}) != len(pairs):
        reader.problems.error((), "keys_same")
    return ",".join(f"{name}:{key}" for name, _, key in pairs)


def _is_key(text: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(text.encode())) == 32
    except (binascii.Error, ValueError):
        return False


def _open(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()


def database_told(url: str) -> str:
    """The database's address as it may be shown: without user and password."""
    if url.startswith("sqlite"):
        return unquote(url.partition(":///")[2])
    parts = urlsplit(url)
    host = parts.hostname or ""
    return f"PostgreSQL {host}{f':{parts.port}' if parts.port else ''}{parts.path}"
