"""The settings, once: environment variables begin with ``SPECTRALDB_``."""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What can be set, each by its environment variable; the command line's options come first."""

    model_config = SettingsConfigDict(env_prefix="SPECTRALDB_", frozen=True)

    lake: Path = Field(
        default_factory=lambda: user_data_path("spectraldb") / "lake",
        description="folder of the lake; by default in the user's data folder",
    )
    host: str = Field(default="127.0.0.1", description="address that `serve` listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="port that `serve` listens on")
    public_url: str = Field(
        default="",
        description="address by which others reach the server through a proxy, such as "
        "https://example.org/jwst; `next` begins with it",
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
        default="60%", description="memory that searches may use together, such as 4GB or 60%"
    )
