"""The table of the client's public names."""

import inspect

from spectraldb import client
from tests.support.docs_tables.markdown import code, table


def client_names() -> dict[str, object]:
    """Return the public classes of the client and their public members by name."""
    names: dict[str, object] = {}
    for name in client.__all__:
        cls = getattr(client, name)
        names[name] = cls
        names |= {f"{name}.{member}": getattr(cls, member) for member in _members(cls)}
    return names


def _members(cls: type) -> list[str]:
    bases = [base for base in reversed(cls.__mro__) if base.__module__.startswith("spectraldb.")]
    members = {name: each for base in bases for name, each in vars(base).items()}
    return [
        name
        for name, each in members.items()
        if not name.startswith("_") and inspect.getdoc(each) and not _is_field(cls, name)
    ]


def _is_field(cls: type, name: str) -> bool:
    return name in getattr(cls, "__dataclass_fields__", ())


def client_table() -> str:
    """Return the table of the public names with the summaries of their docstrings."""
    rows = [(code(name), _summary(each)) for name, each in client_names().items()]
    return table(("name", "description"), rows)


def _summary(each: object) -> str:
    return str(inspect.getdoc(each)).split("\n\n", 1)[0].replace("\n", " ")
