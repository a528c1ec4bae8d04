"""The format number of a lake, in a file of its own."""

import json

from deltalake import DeltaTable

from spectraldb.errors import LakeError
from spectraldb.lake.layout import FORMAT, FORMAT_FILE
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store
from spectraldb.storage.temporary import temporary_path


def write_format(store: Store) -> None:
    """Give a lake that is about to be created its format number.

    Several processes may do so at once: all write the same file, each whole.

    Raises
    ------
    LakeError
        If there is a lake of another format already.
    """
    # The format file is the first file of a lake: whoever sees tables without it has an old lake.
    # So the tables are looked for first, as another process may create the lake between the two.
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
    """Refuse a lake of another format; a location without a lake passes.

    Raises
    ------
    LakeError
        If the lake is older or newer than this version of the package.
    """
    # In this order, as in `write_format`.
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
    """Return the format number of a lake; None if it has no format file."""
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
