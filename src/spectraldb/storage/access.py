"""Access to an S3-compatible store: endpoint, region, retries and timeouts."""

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from obstore.store import S3Store

RETRIES = 12
"""More than fit into `RETRY_SECONDS`: the pauses between them double from 0.1 s on."""
RETRY_SECONDS = 10
"""Time for which a request is retried; a store that restarts is back by then."""
CONNECT_SECONDS = 5
READ_SECONDS = 10
"""Time without data after which a connection counts as dead."""


@dataclass(frozen=True)
class Access:
    """How to reach buckets; credentials come from the environment variables of AWS."""

    endpoint: str = ""
    """Address of the store; by default AWS_ENDPOINT_URL, or Amazon's own."""
    region: str = ""

    @property
    def address(self) -> str:
        """Address of the store; empty for Amazon's own."""
        return self.endpoint or os.environ.get("AWS_ENDPOINT_URL", "")

    @property
    def delta_options(self) -> dict[str, str]:
        """Options with which Delta opens tables."""
        return {
            **self._named("aws_endpoint_url", "aws_region"),
            "aws_conditional_put": "etag",
            "allow_http": "true",
            "max_retries": str(RETRIES),
            "retry_timeout": f"{RETRY_SECONDS}s",
            "connect_timeout": f"{CONNECT_SECONDS}s",
        }

    def open(self, bucket: str, prefix: str) -> "S3Store":
        """Return a client of a bucket, or of a folder in it."""
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
        """Return address and region by the names of options.

        An empty one is left out: it would override what the environment says.
        """
        values = {endpoint: self.address, region: self.region}
        return {name: value for name, value in values.items() if value}
