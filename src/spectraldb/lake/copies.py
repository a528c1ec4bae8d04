"""Copies of FITS files in the lake."""

from collections.abc import Iterable
from pathlib import Path

from spectraldb.lake.errors import lake_errors
from spectraldb.lake.layout import copy_name, is_copy_name
from spectraldb.storage.checksum import checksum
from spectraldb.storage.store import Store


def put_copy(store: Store, path: Path, digest: str) -> str:
    """Copy a FITS file into the lake unless it has an intact copy; return its location.

    Parameters
    ----------
    store
        The files of the lake.
    path
        Path of the FITS file.
    digest
        Checksum of the FITS file.

    Raises
    ------
    LakeError
        If the copy cannot be written.
    """
    name = copy_name(digest, path.name)
    with lake_errors():
        if not _is_intact(store, name, path, digest):
            store.put_copy(path, name)
    return store.location(name)


def _is_intact(store: Store, name: str, path: Path, digest: str) -> bool:
    """Return whether a copy exists with the right checksum, or in a bucket the right size."""
    try:
        info = store.stat(name)
    except FileNotFoundError:
        return False
    local = store.folder / name
    return checksum(local) == digest if local.exists() else info.size == path.stat().st_size


def is_copy(store: Store, location: str) -> bool:
    """Return whether the file at a location is a copy in the lake."""
    return is_copy_name(store.name_of(location) or "")


def delete_copies(store: Store, locations: Iterable[str]) -> None:
    """Delete the copies in the lake among some files; other files are never deleted."""
    for location in locations:
        name = store.name_of(location)
        if name is not None and is_copy_name(name):
            store.delete(name)
