"""Open the storage that the settings name."""

import re
from dataclasses import dataclass
from pathlib import Path

from spectraldb.errors import BadQueryError
from spectraldb.settings import Settings
from spectraldb.storage.access import Access
from spectraldb.storage.bucket_store import BucketStore
from spectraldb.storage.cache import Cache
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.objects import is_object
from spectraldb.storage.s3 import Bucket
from spectraldb.storage.source import Sources
from spectraldb.storage.store import Store

_BUCKET = re.compile(r"s3://[^/\s]+(/[^\s%\[\]\\]+)?/?")

CACHE_FOLDER = "spectraldb-copies"
"""Folder inside the one that the settings name, which may hold files of the user too."""


@dataclass(frozen=True)
class Storage:
    """The files of a lake and the files of products; both share one cache.

    Threads share it: see `Store` and `Sources`.
    """

    store: Store
    sources: Sources


def open_storage(settings: Settings) -> Storage:
    """Return the storage of the settings.

    Raises
    ------
    BadQueryError
        If the address of the lake is not a valid bucket and folder.
    LakeError
        If the path of the lake has characters that a lake cannot have.
    """
    access = Access(settings.s3_endpoint, settings.s3_region)
    cache = Cache(settings.cache.expanduser().absolute() / CACHE_FOLDER, settings.cache_size)
    return Storage(_open_store(settings.lake, access, cache), Sources(access, cache))


def _open_store(lake: str | Path, access: Access, cache: Cache) -> Store:
    if not is_object(lake):
        return FolderStore(Path(lake).expanduser())
    if not _BUCKET.fullmatch(str(lake)):
        raise BadQueryError(
            f"{lake}: Not a valid address of a lake. Write it as s3://bucket/folder, without "
            "spaces or the characters % [ ] \\."
        )
    return BucketStore(Bucket(str(lake).rstrip("/"), access), cache)
