"""Tables of the server: settings, statuses, endpoints."""

from spectraldb import errors
from spectraldb.api.app import PREFIXES
from spectraldb.settings import Settings
from tests.support.docs_tables.markdown import code, table


def settings_table() -> str:
    """Return the table of the settings."""
    rows = []
    for name, field in Settings.model_fields.items():
        has_default = field.default_factory is None and field.default is not None
        default = code(str(field.default)) if has_default else ""
        rows.append((code(f"SPECTRALDB_{name.upper()}"), default, str(field.description)))
    return table(("variable", "default", "what it is"), rows)


def statuses() -> dict[int, str]:
    """Return the HTTP statuses of errors, and what each means."""
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
    meanings[404] += " Or there is no such page."
    meanings[503] += (
        " Or the server is busy (`SPECTRALDB_MAX_RUNNING`), or the cluster does not answer."
    )
    meanings |= {
        405: "The endpoint was asked with another method than GET or HEAD.",
        429: "One client asked more often than the server's settings allow.",
        500: "The server failed; its log tells more.",
    }
    return meanings


def statuses_table() -> str:
    """Return the table of the HTTP statuses of errors."""
    rows = ((f"`{status}`", text) for status, text in sorted(statuses().items()))
    return table(("status", "when"), rows)


def endpoints_table() -> str:
    """Return the table of the endpoints of the server."""
    endpoints = {
        "retrieve": "all pixel arrays of a product: [retrieving](retrieving.md)",
        "retrieve/derived": "the derived figures of its spectra: [derived figures](derived.md)",
        "search": "pixels of all products: [searching](searching.md)",
        "search/products": "products by what they and their spectra are: [searching](searching.md)",
        "search/count": "how many pixels match: [searching](searching.md)",
        "search/columns": "the columns and operators of a search, as JSON",
        "search/sql": "the SQL that a search would run, without running it",
        "match": "asked with POST: what lies around many positions: "
        "[searching](searching.md#around-many-positions)",
        "retrieve/file": "the FITS file itself: [retrieving](retrieving.md)",
        "lines": "spectral lines and features with their rest wavelengths and sources",
        "holdings": "how many products, spectra and pixels there are, of each type and in all",
    }
    rows = [(code(f"{PREFIXES[0]}/{name}"), text) for name, text in endpoints.items()]
    rows += [(code(f"{PREFIXES[1]}/..."), "the same")]
    rows += [(code("/"), "the web page to search"), (code("/product?uri=..."), "a product in it")]
    rows += [(code("/health"), "whether the process is alive")]
    rows += [(code("/ready"), "whether the lake can be read: searches will be answered")]
    rows += [(code("/metrics"), "how much is asked and how fast it is answered, for Prometheus")]
    rows += [(code("/spectra/docs"), "this API, to read and to try; needs no internet access")]
    rows += [(code("/spectra/openapi.json"), "its description as OpenAPI")]
    return table(("path", "what it answers"), rows)
