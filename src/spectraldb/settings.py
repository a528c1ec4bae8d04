"""The settings; their environment variables begin with ``SPECTRALDB_``."""

import re
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import BeforeValidator, ByteSize, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _check_location(value: object) -> object:
    """Refuse a misspelt bucket address, which would otherwise be taken for a folder."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", str(value)) and not str(value).startswith("s3://"):
        raise ValueError(f"{value} is not a folder. Write a bucket as s3://bucket/folder.")
    return value


Location = Annotated[
    Path | Annotated[str, Field(pattern="^s3://")], BeforeValidator(_check_location)
]
"""A folder, or a folder in a bucket."""


class Settings(BaseSettings):
    """The settings, each with its environment variable; options of commands override them."""

    model_config = SettingsConfigDict(env_prefix="SPECTRALDB_", frozen=True)

    lake: Location = Field(
        default_factory=lambda: user_data_path("spectraldb") / "lake",
        description="Folder of the lake, or s3://bucket/folder. Default: in the user's data "
        "folder.",
    )
    s3_endpoint: str = Field(
        default="",
        description="Endpoint of the object store for s3:// addresses. Default: "
        "AWS_ENDPOINT_URL, or Amazon S3.",
    )
    s3_region: str = Field(
        default="", description="Region of the buckets. Default: AWS_REGION, or us-east-1."
    )
    cache: Path = Field(
        default_factory=lambda: user_cache_path("spectraldb"),
        description="Folder for cached copies of files in buckets. Default: in the user's cache "
        "folder.",
    )
    cache_size: ByteSize = Field(
        default=ByteSize(50 * 10**9),
        gt=0,
        description="Maximum size of the cache, such as 50GB or 2TB.",
    )
    host: str = Field(default="127.0.0.1", description="Address that `serve` listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port that `serve` listens on.")
    public_url: str = Field(
        default="",
        pattern="^(https?://.+)?$",
        description="Public address of the server behind a proxy, such as "
        "https://example.org/jwst. The URLs in `next` begin with it.",
    )
    processes: int = Field(default=1, ge=1, le=256, description="Number of server processes.")
    log: Literal["text", "json"] = Field(
        default="text", description="Log format of `serve`: lines of text, or JSON objects."
    )
    stop_seconds: int = Field(
        default=30, ge=0, description="Seconds to finish responses when the server shuts down."
    )
    max_running: int | None = Field(
        default=None,
        ge=1,
        description="Maximum number of concurrent requests per process. Others are refused (503).",
    )
    max_per_minute: int | None = Field(
        default=None,
        ge=1,
        description="Maximum number of requests per minute, per client and process. Others are "
        "refused (429).",
    )
    default_limit: int = Field(
        default=1_000, ge=1, description="Number of results of a search without `limit`."
    )
    max_limit: int = Field(
        default=100_000, ge=1, description="Largest `limit` that a search accepts."
    )
    workers: int | None = Field(
        default=None,
        ge=1,
        description="Number of processes that read files in `ingest`. Default: one per core.",
    )
    engine: Literal["duckdb", "spark"] = Field(
        default="duckdb",
        description="Engine that runs searches: DuckDB in the server, or Spark Connect.",
    )
    spark: str = Field(
        default="",
        pattern="^(sc://.+)?$",
        description="Address of Spark Connect, as in sc://host:15002.",
    )
    spark_lake: str = Field(
        default="",
        description="Path of the lake on the cluster, such as /mnt/lake. Default: the same as on "
        "the server.",
    )
    threads: int | None = Field(
        default=None, ge=1, description="Number of threads of a search. Default: one per core."
    )
    keep_days: float = Field(
        default=7.0,
        ge=0,
        le=365,
        description="Days for which `optimize` keeps older versions of the lake, for `version=`.",
    )
    archive: str = Field(
        default="https://mast.stsci.edu", description="Address of the archive that `fetch` uses."
    )
    time_limit: float = Field(
        default=300.0, gt=0, description="Time limit of a search, in seconds."
    )
    memory_limit: str = Field(
        default="60%",
        pattern=r"^\d+(\.\d+)? ?(%|(?i:[KMGT]i?B))$",
        description="Memory limit of the searches of all processes together, such as 4GB or 60%.",
    )
