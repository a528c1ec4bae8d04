"""What goes wrong with the lake's files is told as such."""

import contextlib
from collections.abc import Iterator

import pyarrow as pa
from deltalake.exceptions import DeltaError

from spectraldb.errors import LakeError
from spectraldb.storage.errors import error_summary


@contextlib.contextmanager
def lake_errors(
    done: str = "written", besides: type[Exception] | tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Tell a failure of the lake's files from one to read a product's file.

    Parameters
    ----------
    done
        What cannot be done with the lake.
    besides
        Errors that pass.

    Raises
    ------
    LakeError
        In place of an OSError or an error of Arrow or Delta.
    """
    try:
        yield
    except besides:
        raise
    except (OSError, pa.ArrowException, DeltaError) as error:
        raise LakeError(f"the lake cannot be {done}: {error_summary(error)}") from error
