"""The settings of storage, put to use."""

import re
from pathlib import Path

from spectraldb.errors import BadQueryError
from spectraldb.settings import Settings
from spectraldb.storage.bucket_store import BucketStore
from spectraldb.storage.cache import Cache
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.objects import is_object
from spectraldb.storage.s3 import Access, Bucket
from spectraldb.storage.source import Sources
from spectraldb.storage.store import Store

_BUCKET = re.compile(r"s3://[^/\s]+(/[^\s%\[\]\\]+)?/?")


COPIES = "spectraldb-copies"
"""A folder of this name is the cache's own, whatever else is in the one that a user names."""


def open_sources(settings: Settings) -> Sources:
    """Return how files of products are reached."""
    access = Access(settings.s3_endpoint, settings.s3_region)
    folder = settings.cache.expanduser().absolute() / COPIES
    return Sources(access, Cache(folder, settings.cache_size))


def open_store(settings: Settings) -> Store:
    """Return where the lake of the settings is.

    Raises
    ------
    BadQueryError
        If it is in a bucket whose name cannot be understood.
    LakeError
        If no lake can be there.
    """
    if not is_object(settings.lake):
        return FolderStore(Path(settings.lake).expanduser())
    if not _BUCKET.fullmatch(str(settings.lake)):
        raise BadQueryError(
            f"{settings.lake!r} is no place for a lake; write it as s3://bucket/folder, without "
            "spaces and % [ ] \\"
        )
    sources = open_sources(settings)
    return BucketStore(Bucket(str(settings.lake).rstrip("/"), sources.access), sources.cache)
