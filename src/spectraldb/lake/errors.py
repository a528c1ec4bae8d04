"""Errors of the lake's files as LakeError."""

import contextlib
from collections.abc import Iterator

import pyarrow as pa
from deltalake.exceptions import DeltaError

from spectraldb.errors import LakeError
from spectraldb.storage.errors import error_summary


@contextlib.contextmanager
def lake_errors(
    action: str = "written", besides: type[Exception] | tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Raise LakeError in place of the errors of files, Arrow and Delta.

    They thereby differ from errors of the file of a product.

    Parameters
    ----------
    action
        What failed, as in "The lake cannot be written".
    besides
        Errors that pass unchanged.

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
        raise LakeError(f"The lake cannot be {action}: {error_summary(error)}") from error
