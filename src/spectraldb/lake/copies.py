"""Copies of files that the lake keeps with its own."""

from collections.abc import Iterable
from pathlib import Path

from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import Lake
from spectraldb.lake.layout import copy_name, is_copy_name
from spectraldb.storage.checksum import checksum
from spectraldb.storage.store import Store


def keep_copy(store: Store, path: Path, digest: str) -> str:
    """Copy a file into the lake, whole or not at all, and return its location."""
    name = copy_name(digest, path.name)
    with lake_errors():
        if not _is_there(store, name, path, digest):
            store.put_copy(path, name)
    return store.location(name)


def _is_there(store: Store, name: str, path: Path, digest: str) -> bool:
    """Tell whether a copy is there already, and as it should be."""
    try:
        entry = store.stat(name)
    except FileNotFoundError:
        return False
    here = store.folder / name
    return checksum(here) == digest if here.exists() else entry.size == path.stat().st_size


def is_copy(store: Store, location: str) -> bool:
    """Tell whether a file is a copy in the lake."""
    return is_copy_name(store.name_of(location) or "")


def drop_copies(lake: Lake, locations: Iterable[str]) -> None:
    """Delete those of some files that are copies in the lake; no other file is touched."""
    for location in locations:
        name = lake.store.name_of(location)
        if name is not None and is_copy(lake.store, location):
            lake.store.delete(name)
