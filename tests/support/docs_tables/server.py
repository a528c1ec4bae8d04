"""Tables of the server: settings, statuses, endpoints."""

from pydantic import ByteSize

from spectraldb import errors
from spectraldb.api.app import PREFIXES
from spectraldb.settings import Settings
from tests.support.docs_tables.markdown import code, table


def settings_table() -> str:
    """Return the table of the settings."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default_factory else _text(field.default)
        rows.append(
            (
                code(f"SPECTRALDB_{name.upper()}"),
                code(default) if default else "",
                str(field.description),
            )
        )
    return table(("variable", "default", "description"), rows)


def _text(default: object) -> str:
    """Return a default as a user would write it; empty if the setting has none."""
    if isinstance(default, ByteSize):
        return default.human_readable(decimal=True, separator="").replace(".0", "")
    if isinstance(default, float):
        return f"{default:g}"
    return "" if default is None else str(default)


def statuses() -> dict[int, str]:
    """Return the meanings of HTTP error statuses."""
    classes = [
        errors.BadQueryError,
        errors.NotHeldError,
        errors.FileChangedError,
        errors.FileGoneError,
        errors.LimitError,
        errors.StoppedError,
        errors.LakeError,
    ]
    meanings = {cls.status: str(cls.__doc__).split("\n", 1)[0] for cls in classes}
    meanings[404] += " Or the path does not exist."
    meanings[503] += (
        " Or the server is busy (`SPECTRALDB_MAX_RUNNING`), or the cluster does not respond."
    )
    meanings |= {
        405: "The endpoint does not accept the method of the request.",
        429: "The client sent more requests than the server's settings allow.",
        500: "The server failed. Its log has the details.",
    }
    return meanings


def statuses_table() -> str:
    """Return the table of the HTTP statuses of errors."""
    rows = ((f"`{status}`", text) for status, text in sorted(statuses().items()))
    return table(("status", "when"), rows)


def endpoints_table() -> str:
    """Return the table of the endpoints of the server."""
    endpoints = {
        "retrieve": "All pixel arrays of a product; see [Retrieve products](retrieving.md).",
        "retrieve/derived": "Statistics of its spectra; see [Derived statistics](derived.md).",
        "search": "Pixels of all products; see [Search pixels and products](searching.md).",
        "search/products": "Products by metadata; see "
        "[Search pixels and products](searching.md#products-by-metadata).",
        "search/count": "Number of matching pixels; see "
        "[Search pixels and products](searching.md).",
        "search/columns": "Columns and operators of searches, as JSON.",
        "search/sql": "SQL of a search, without running it.",
        "match": "Products around many positions (POST); see "
        "[Search pixels and products](searching.md#around-many-positions).",
        "retrieve/file": "The FITS file of a product; see [Retrieve products](retrieving.md).",
        "lines": "Spectral lines and features, with rest wavelengths and sources.",
        "holdings": "Number of products, spectra and pixels, in total and by product type.",
    }
    rows = [(code(f"{PREFIXES[0]}/{name}"), text) for name, text in endpoints.items()]
    rows += [(code(f"{PREFIXES[1]}/..."), "The same endpoints.")]
    rows += [
        (code("/"), "Web page of the search."),
        (code("/product?uri=..."), "Web page of a product."),
    ]
    rows += [(code("/health"), "Whether the server is alive.")]
    rows += [(code("/ready"), "Whether the server is ready for searches.")]
    rows += [(code("/metrics"), "Number and duration of requests, for Prometheus.")]
    rows += [(code("/spectra/docs"), "Interactive documentation of the API; works offline.")]
    rows += [(code("/spectra/openapi.json"), "OpenAPI document.")]
    return table(("path", "response"), rows)
