"""Keeps bytes by the hash of their content, in S3 or what speaks like it."""

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from routing.errors import Gone, Misconfigured, TryLater
from storage.blobs import check_content, check_name

_OURS_TO_MEND = {"301", "400", "403", "404", "AccessDenied", "NoSuchBucket"}
_MISSING = {"404", "NoSuchKey", "NotFound"}


class S3Blobs:
    """Objects named by prefix and hash. What cannot be stored or had now raises TryLater."""

    def __init__(self, client: Any, *, bucket: str, prefix: str = "") -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._faults: tuple[type[Exception], ...] = (
            importlib.import_module("botocore.exceptions").BotoCoreError,
            importlib.import_module("botocore.exceptions").ClientError,
            OSError,
            TimeoutError,
        )

    async def put(self, content: bytes) -> str:
        blob = sha256(content).hexdigest()
        try:
            await self._client.put_object(Bucket=self._bucket, Key=self._key(blob), Body=content)
        except self._faults as fault:
            raise TryLater(f"S3: {fault}") from fault
        return blob

    async def get(self, blob: str) -> bytes:
        try:
            answer = await self._client.get_object(Bucket=self._bucket, Key=self._key(check_name(blob)))
            async with answer["Body"] as body:
                content: bytes = await body.read()
        except self._faults as fault:
            if _code(fault) in _MISSING:
                raise Gone(f"blob {blob} does not exist") from fault
            raise TryLater(f"S3: {fault}") from fault
        return check_content(blob, content)

    async def remove(self, blob: str, *, unused_for: timedelta) -> bool:
        its = {"Bucket": self._bucket, "Key": self._key(check_name(blob))}
        try:
            about = await self._client.head_object(**its)
            if datetime.now(UTC) - about["LastModified"] < unused_for:
                return False
            await self._client.delete_object(**its)
        except self._faults as fault:
            if _code(fault) in _MISSING:
                return True
            raise TryLater(f"S3: {fault}") from fault
        return True

    async def check(self) -> None:
        """Raises Misconfigured when the bucket is not there or not ours, TryLater when nobody answers."""
        try:
            await self._client.head_bucket(Bucket=self._bucket)
        except self._faults as fault:
            if _code(fault) in _OURS_TO_MEND:
                raise Misconfigured(f"the bucket {self._bucket} cannot be used: {fault}") from fault
            raise TryLater(f"S3: {fault}") from fault

    def _key(self, blob: str) -> str:
        return f"{self._prefix}{blob[:2]}/{blob}"


def _code(fault: Exception) -> str:
    """What S3 itself said; empty when nothing was heard of it."""
    answer: dict[str, dict[str, str]] = getattr(fault, "response", {})
    return str(answer.get("Error", {}).get("Code", ""))


@asynccontextmanager
async def open_s3(
    *, bucket: str, region: str = "", endpoint: str = "", prefix: str = "", access_key: str = "", secret_key: str = ""
) -> AsyncIterator[S3Blobs]:
    """Without keys they are looked for where AWS's own tools look (environment, files, the machine's role)."""
    try:
        session = importlib.import_module("aiobotocore.session").get_session()
        config = importlib.import_module("aiobotocore.config").AioConfig(
            connect_timeout=5,
            read_timeout=30,
            retries={"total_max_attempts": 2, "mode": "standard"},
            max_pool_connections=20,
            # Others who speak S3 often do not know the checksums that AWS would like; we have a hash of our own.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
    except ImportError as error:
        raise Misconfigured("blobs in S3 need more packages: pip install -r requirements-s3.lock") from error
    client = session.create_client(
        "s3",
        region_name=region or "us-east-1",
        endpoint_url=endpoint or None,
        aws_access_key_id=access_key or None,
        aws_secret_access_key=secret_key or None,
        config=config,
    )
    async with client as opened:
        yield S3Blobs(opened, bucket=bucket, prefix=prefix)
