"""Access to an S3-compatible store: endpoint, region, retries and timeouts."""

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from obstore.store import S3Store

RETRIES = 12
"""More than fit into `RETRY_SECONDS`, as the delay doubles from 0.1 s: time is the limit."""
RETRY_SECONDS = 10
"""How long to retry a request: long enough for a store to restart."""
CONNECT_SECONDS = 5
READ_SECONDS = 10
"""Time without data after which a connection is considered dead."""


@dataclass(frozen=True)
class Access:
    """Settings for access to buckets; credentials come from the AWS environment variables."""

    endpoint: str = ""
    """URL of the store; if empty, AWS_ENDPOINT_URL or that of Amazon S3."""
    region: str = ""
    """Region of the store; if empty, it comes from the environment."""

    @property
    def address(self) -> str:
        """URL of the store; empty for Amazon S3."""
        return self.endpoint or os.environ.get("AWS_ENDPOINT_URL", "")

    @property
    def delta_options(self) -> dict[str, str]:
        """Storage options for opening Delta tables."""
        return {
            **self._named("aws_endpoint_url", "aws_region"),
            "aws_conditional_put": "etag",
            "allow_http": "true",
            "max_retries": str(RETRIES),
            "retry_timeout": f"{RETRY_SECONDS}s",
            "connect_timeout": f"{CONNECT_SECONDS}s",
        }

    def open(self, bucket: str, prefix: str) -> "S3Store":
        """Return a client for a bucket, or for a folder in it if `prefix` is not empty."""
        from obstore.store import S3Store  # noqa: PLC0415 - an extra

        return S3Store(
            bucket,
            prefix=prefix or None,
            config=self._named("endpoint", "region"),  # type: ignore[arg-type]
            client_options={
                "allow_http": True,
                "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                "read_timeout": timedelta(seconds=READ_SECONDS),
                "timeout": timedelta(days=1),
            },
            retry_config={
                "max_retries": RETRIES,
                "retry_timeout": timedelta(seconds=RETRY_SECONDS),
            },
        )

    def _named(self, endpoint: str, region: str) -> dict[str, str]:
        """Return the URL and the region under the names of the options for them.

        Empty values are omitted, because they would override the environment.
        """
        values = {endpoint: self.address, region: self.region}
        return {name: value for name, value in values.items() if value}
