"""The errors that reach a user; each class knows its HTTP status, each message says what to do."""


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
    """Whoever asked went away, and the search was ended; only the log can show it."""

    status = 499


class AddressError(SpectralDBError):
    """The server cannot listen where it was told to."""


class NoAnswerError(SpectralDBError):
    """A server cannot be reached, or its answer ended early."""


class ArchiveError(SpectralDBError):
    """The archive does not answer, or does not give a file."""


class RefusedError(SpectralDBError):
    """A file is not a product that Spectral DB can take; the message is the reason."""

    status = 400


def error_of(status: int, message: str) -> SpectralDBError:
    """Return the error that a server told of, by its HTTP status."""
    kinds: list[type[SpectralDBError]] = [
        BadQueryError,
        NotHeldError,
        FileChangedError,
        FileGoneError,
        LimitError,
        LakeError,
    ]
    kind = next((kind for kind in kinds if kind.status == status), SpectralDBError)
    return kind(message)
