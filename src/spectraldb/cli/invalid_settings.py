"""Messages about settings that are invalid or misspelt."""

import difflib
import os
import re
from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from spectraldb.settings import Settings

PREFIX = "SPECTRALDB_"
KNOWN_BESIDES = frozenset({"BROWSER", "NEED_BROWSER", "NEED_SPARK", "TEST_DATA", "TEST_RECORD"})
"""Variables of the tests, which are no settings."""

_SERVICE_LINK = re.compile(r"(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_\w+)?)")
"""Variables that Kubernetes sets for a service whose name begins with `spectraldb`."""

_REASONS = {
    "int_parsing": "{value!r} is not a whole number.",
    "int_from_float": "{value!r} is not a whole number.",
    "float_parsing": "{value!r} is not a number.",
    "finite_number": "{value!r} is not a finite number.",
    "greater_than": "{value!r} is too small; it must be above {gt:g}.",
    "greater_than_equal": "{value!r} is too small; the minimum is {ge:g}.",
    "less_than_equal": "{value!r} is too large; the maximum is {le:g}.",
    "literal_error": "{value!r} is unknown. Values: {expected}.",
    "byte_size": "{value!r} is not a size. Examples: 50GB, 2TB.",
    "byte_size_unit": "{value!r} has an unknown unit. Examples: 50GB, 2TB.",
    "string_pattern_mismatch": "{value!r} is not valid here.",
}
"""Reasons by the kind of error of pydantic, which has no fixed wording."""


def invalid_settings(error: ValidationError, options: Collection[str]) -> list[str]:
    """Return a message for each invalid setting.

    Parameters
    ----------
    error
        The error of pydantic.
    options
        Names of the settings that options of the command set; the others come from the
        environment.
    """
    problems = {str(each["loc"][0]): each for each in error.errors()}
    return [
        f"{_source(name, options)}: {_reason(name, problem)}" for name, problem in problems.items()
    ]


def _source(name: str, options: Collection[str]) -> str:
    return f"--{name.replace('_', '-')}" if name in options else f"{PREFIX}{name.upper()}"


def _reason(name: str, problem: Any) -> str:  # noqa: ANN401 - a dictionary of pydantic
    context = problem.get("ctx", {})
    if problem["type"] == "value_error":
        return str(context["error"])
    reason = _REASONS.get(problem["type"])
    if reason is None:
        return f"{problem['msg']}."
    text = reason.format(value=problem["input"], **context)
    if problem["type"] == "string_pattern_mismatch":
        text += f" {Settings.model_fields[name].description}"
    return text


def unknown_settings() -> list[str]:
    """Return a warning for each environment variable that looks like a setting and is none."""
    known = {name.upper() for name in Settings.model_fields}
    names = {name.removeprefix(PREFIX) for name in os.environ if name.startswith(PREFIX)}
    return [
        _unknown(name, known)
        for name in sorted(names - known - KNOWN_BESIDES)
        if not _SERVICE_LINK.fullmatch(name)
    ]


def _unknown(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {PREFIX}{near[0]}?" if near else ""
    return f"{PREFIX}{name}: Unknown setting, which has no effect.{hint}"
