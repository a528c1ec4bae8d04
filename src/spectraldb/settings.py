"""The settings; their environment variables begin with ``SPECTRALDB_``."""

import re
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import BeforeValidator, ByteSize, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _check_location(value: object) -> object:
    """Refuse a misspelt address of a bucket, which would otherwise be a folder's name."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", str(value)) and not str(value).startswith("s3://"):
        raise ValueError(f"{value} is no folder; a bucket is written as s3://bucket/folder")
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
        description="folder of the lake, or s3://bucket/folder; by default in the user's data "
        "folder",
    )
    s3_endpoint: str = Field(
        default="",
        description="address of the store of s3:// places; by default AWS_ENDPOINT_URL, or "
        "Amazon's own",
    )
    s3_region: str = Field(
        default="", description="region of the buckets; by default AWS_REGION, or us-east-1"
    )
    cache: Path = Field(
        default_factory=lambda: user_cache_path("spectraldb"),
        description="folder for copies of what lies in buckets; by default in the user's cache "
        "folder",
    )
    cache_size: ByteSize = Field(
        default=ByteSize(50 * 10**9),
        gt=0,
        description="most room that these copies may take, such as 50GB or 2TB",
    )
    host: str = Field(default="127.0.0.1", description="address that `serve` listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="port that `serve` listens on")
    public_url: str = Field(
        default="",
        pattern="^(https?://.+)?$",
        description="address by which others reach the server through a proxy, such as "
        "https://example.org/jwst; `next` begins with it",
    )
    processes: int = Field(default=1, ge=1, le=256, description="processes that serve")
    log: Literal["text", "json"] = Field(
        default="text", description="how `serve` logs: lines for people, or JSON objects"
    )
    stop_seconds: int = Field(
        default=30, ge=0, description="how long answers may go on when the server is to stop"
    )
    max_running: int | None = Field(
        default=None,
        ge=1,
        description="requests that a process answers at the same time; more are refused (503)",
    )
    max_per_minute: int | None = Field(
        default=None,
        ge=1,
        description="requests of one client that a process answers in a minute; more are refused "
        "(429)",
    )
    default_limit: int = Field(
        default=1_000, ge=1, description="results of a search that names no limit"
    )
    max_limit: int = Field(
        default=100_000, ge=1, description="most results that a search may ask for"
    )
    workers: int | None = Field(
        default=None,
        ge=1,
        description="processes that `ingest` reads files with; by default one a core",
    )
    engine: Literal["duckdb", "spark"] = Field(
        default="duckdb", description="what searches run on: DuckDB in the server, or Spark Connect"
    )
    spark: str = Field(
        default="",
        pattern="^(sc://.+)?$",
        description="address of the Spark Connect endpoint, as in sc://host:15002",
    )
    spark_lake: str = Field(
        default="",
        description="where the cluster finds the lake, such as /mnt/lake; by default where it is "
        "for the server",
    )
    threads: int | None = Field(
        default=None, ge=1, description="threads of a search; by default one a core"
    )
    keep_days: float = Field(
        default=7.0,
        ge=0,
        le=365,
        description="days for which `optimize` keeps older versions of the lake, for `version=`",
    )
    archive: str = Field(
        default="https://mast.stsci.edu", description="address of the archive that `fetch` asks"
    )
    time_limit: float = Field(
        default=300.0, gt=0, description="seconds after which a search is ended"
    )
    memory_limit: str = Field(
        default="60%",
        description="memory that searches of all processes may use together, such as 4GB or 60%",
    )
