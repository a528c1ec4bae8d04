"""Conversion of errors of files, Arrow and Delta to LakeError."""

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
    """Convert errors of files, Arrow and Delta to LakeError.

    This distinguishes them from errors that concern the FITS file of a product.

    Parameters
    ----------
    action
        Participle for the message, as in "The lake cannot be written".
    besides
        Errors to raise unchanged.

    Raises
    ------
    LakeError
        Instead of an OSError or an error of Arrow or Delta.
    """
    try:
        yield
    except besides:
        raise
    except (OSError, pa.ArrowException, DeltaError) as error:
        raise LakeError(f"The lake cannot be {action}: {error_summary(error)}") from error
