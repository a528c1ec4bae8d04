"""The errors that reach a user; each class has its HTTP status, each message says what to do."""


class SpectralDBError(Exception):
    """Base of all errors that Spectral DB raises on purpose."""

    status = 500


class BadQueryError(SpectralDBError):
    """The request cannot be understood: an unknown column, a bad number, a missing parameter."""

    status = 400


class NotHeldError(SpectralDBError):
    """The lake holds no such product, spectrum or version."""

    status = 404


class FileChangedError(SpectralDBError):
    """The FITS file of a product is no longer the one that was ingested."""

    status = 409


class FileGoneError(SpectralDBError):
    """The FITS file of a product is no longer where it was ingested."""

    status = 410


class LakeError(SpectralDBError):
    """The lake's folder cannot be read or written."""

    status = 503


class ClusterError(LakeError):
    """The cluster that searches run on does not answer, or does not see the lake's files."""


class LimitError(SpectralDBError):
    """The search needs more time or memory than the server's settings allow."""

    status = 422


class StoppedError(SpectralDBError):
    """The client disconnected, and its search was cancelled; only the log shows it."""

    status = 499


class AddressError(SpectralDBError):
    """The server cannot listen on its address."""


class NoAnswerError(SpectralDBError):
    """A server cannot be reached, or its answer ended early."""


class ArchiveError(SpectralDBError):
    """The archive does not answer, or does not send a file."""


class RefusedError(SpectralDBError):
    """A file is not a product that Spectral DB can ingest; the message is the reason."""

    status = 400


def error_from_status(status: int, message: str) -> SpectralDBError:
    """Return the error that a server reports by its HTTP status."""
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
