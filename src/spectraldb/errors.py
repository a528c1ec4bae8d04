"""The exceptions that reach a user, with their HTTP statuses."""


class SpectralDBError(Exception):
    """Base of all errors that Spectral DB raises on purpose."""

    status = 500


class BadQueryError(SpectralDBError):
    """The request is invalid: an unknown column, a bad number, a missing parameter."""

    status = 400


class NotHeldError(SpectralDBError):
    """The product, spectrum or version is not in the lake."""

    status = 404


class FileChangedError(SpectralDBError):
    """The FITS file of a product has changed since it was ingested."""

    status = 409


class FileGoneError(SpectralDBError):
    """The FITS file of a product was moved or deleted after it was ingested."""

    status = 410


class LakeError(SpectralDBError):
    """The lake's folder cannot be read or written."""

    status = 503


class ClusterError(LakeError):
    """The cluster does not respond, or cannot read the files of the lake."""


class LimitError(SpectralDBError):
    """The search needs more time or memory than the server's settings allow."""

    status = 422


class ExcludedProductsWarning(UserWarning):
    """A search left out products because of their units; the message says how many."""


class StoppedError(SpectralDBError):
    """The client disconnected, and its search was cancelled; only the log shows it."""

    status = 499


class AddressError(SpectralDBError):
    """The server cannot listen on its address."""


class NoAnswerError(SpectralDBError):
    """The server cannot be reached, or its response is incomplete."""


class ArchiveError(SpectralDBError):
    """The archive does not respond, or does not send a file."""


class RefusedError(SpectralDBError):
    """A file is not a product that Spectral DB can ingest; the message is the reason."""

    status = 400


class SkippedError(RefusedError):
    """A file has no spectrum by its own header; the message says what it is."""


def error_from_status(status: int, message: str) -> SpectralDBError:
    """Return the exception for the HTTP status and the message of a server's response."""
    classes: list[type[SpectralDBError]] = [
        BadQueryError,
        NotHeldError,
        FileChangedError,
        FileGoneError,
        LimitError,
        LakeError,
    ]
    error_class = next((c for c in classes if c.status == status), SpectralDBError)
    return error_class(message)
