"""Opening of the storage that the settings specify."""

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
"""Folder of the cache inside the one in the settings, which may contain other files too."""


@dataclass(frozen=True)
class Storage:
    """Access to the files of a lake and of its products, with one cache for both.

    Thread-safe, as are `Store` and `Sources`.
    """

    store: Store
    sources: Sources


def open_storage(settings: Settings) -> Storage:
    """Return the storage that the settings specify.

    Raises
    ------
    BadQueryError
        If the address of the lake is not a valid bucket and folder.
    LakeError
        If the path of the lake contains characters that are not allowed.
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
