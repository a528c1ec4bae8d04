"""Imports of optional dependencies of the client."""

from importlib import import_module
from typing import Any


def import_optional(module: str, extra: str = "") -> Any:
    """Import and return a module of an optional dependency.

    Parameters
    ----------
    module
        The name of the module.
    extra
        The extra of Spectral DB that installs it, if any.

    Raises
    ------
    ModuleNotFoundError
        If the package is not installed. The message has the command that installs it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.split(".", maxsplit=1)[0]
        if error.name is None or not error.name.startswith(package):
            raise
        requirement = f"'spectraldb[{extra}]'" if extra else package
        raise ModuleNotFoundError(
            f"{package}: The package is not installed. "
            f"Install it with `pip install {requirement}`.",
            name=package,
        ) from error
