"""Stores of both kinds over one lake, each opened as on a separate machine."""

from collections.abc import Callable
from pathlib import Path

from spectraldb.storage.bucket_store import BucketStore
from spectraldb.storage.cache import Cache
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.s3 import Bucket
from spectraldb.storage.store import Store
from spectraldb.storage.temporary import create_temporary, temporary_path
from tests.support.seaweed import BUCKET, Seaweed

CACHE_BYTES = 10**6

OpenStore = Callable[[], Store]


def folder_stores(folder: Path) -> OpenStore:
    """Return a function that opens a lake in a folder."""
    return lambda: FolderStore(folder / "lake")


def bucket_stores(seaweed: Seaweed, name: str, folder: Path) -> OpenStore:
    """Return a function that opens a lake in a bucket, each time with an empty cache."""
    bucket = Bucket(f"s3://{BUCKET}/{name}/lake", seaweed.access)
    caches = iter(folder / f"cache{number}" for number in range(10))
    return lambda: BucketStore(bucket, Cache(next(caches), CACHE_BYTES))


def put_file(store: Store, name: str, data: bytes) -> Path:
    """Put a file and return its path."""
    path = store.folder / name
    temporary = create_temporary(path)
    temporary.write_bytes(data)
    store.put(temporary, path)
    return path


def put_folder(store: Store, name: str, files: dict[str, bytes]) -> Path:
    """Put a folder of files as a whole and return its path."""
    path = store.folder / name
    temporary = temporary_path(path)
    for inner, data in files.items():
        (temporary / inner).parent.mkdir(parents=True, exist_ok=True)
        (temporary / inner).write_bytes(data)
    store.put_folder(temporary, path)
    return path
