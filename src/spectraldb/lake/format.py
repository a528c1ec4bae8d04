"""The format number of a lake, which is stored in the file ``lake.json``."""

import json

from deltalake import DeltaTable

from spectraldb.errors import LakeError
from spectraldb.lake.layout import FORMAT, FORMAT_FILE
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store
from spectraldb.storage.temporary import temporary_path


def write_format(store: Store) -> None:
    """Write the format number of a lake that is about to be created.

    Several processes can do so at the same time, because they write the same file atomically.

    Raises
    ------
    LakeError
        If a lake with another format exists.
    """
    # New lakes get their format file first, so tables without one belong to an old lake.  Check for
    # tables before reading the file, because another process may create the lake in between.
    has_tables = _has_tables(store)
    if has_tables or _read(store) is not None:
        check_format(store)
        return
    path = store.folder / FORMAT_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = temporary_path(path)
    partial.write_text(json.dumps({"format": FORMAT}) + "\n")
    store.put(partial, path)


def check_format(store: Store) -> None:
    """Check that a lake, if it exists, has the format of this version of Spectral DB.

    Raises
    ------
    LakeError
        If the lake has an older or newer format, or its format file is damaged.
    """
    # The order matters; see `write_format`.
    has_tables = _has_tables(store)
    found = _read(store)
    if found is None and not has_tables:
        return
    if found is None or found < FORMAT:
        raise LakeError(
            f"{store.address}: This lake has the format of an older version of Spectral DB. "
            "Ingest its files again, into a new lake, with `spectraldb ingest`."
        )
    if found > FORMAT:
        raise LakeError(
            f"{store.address}: This lake has format {found}, but this version of Spectral DB "
            f"reads format {FORMAT}. Upgrade Spectral DB."
        )


def _has_tables(store: Store) -> bool:
    uri = store.uri(Table.PRODUCT.value)
    return DeltaTable.is_deltatable(uri, storage_options=store.storage_options)


def _read(store: Store) -> int | None:
    """Return the format number of a lake, or None if it has no format file."""
    try:
        text = store.get(FORMAT_FILE)
    except FileNotFoundError:
        return None
    try:
        return int(json.loads(text)["format"])
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(
            f"{store.location(FORMAT_FILE)}: The file is damaged. It must contain the number of "
            f'the lake\'s format, as in {{"format": {FORMAT}}}.'
        ) from error
