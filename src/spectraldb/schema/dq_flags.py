"""The data-quality flags of JWST, by their mnemonics.

The values are those of the jwst pipeline:
https://jwst-pipeline.readthedocs.io/en/latest/jwst/references_general/references_general.html
"""

_MNEMONICS = (
    "DO_NOT_USE",
    "SATURATED",
    "JUMP_DET",
    "DROPOUT",
    "OUTLIER",
    "PERSISTENCE",
    "AD_FLOOR",
    "CHARGELOSS",
    "UNRELIABLE_ERROR",
    "NON_SCIENCE",
    "DEAD",
    "HOT",
    "WARM",
    "LOW_QE",
    "RC",
    "TELEGRAPH",
    "NONLINEAR",
    "BAD_REF_PIXEL",
    "NO_FLAT_FIELD",
    "NO_GAIN_VALUE",
    "NO_LIN_CORR",
    "NO_SAT_CHECK",
    "UNRELIABLE_BIAS",
    "UNRELIABLE_DARK",
    "UNRELIABLE_SLOPE",
    "UNRELIABLE_FLAT",
    "OPEN",
    "ADJ_OPEN",
    "FLUX_ESTIMATED",
    "MSA_FAILED_OPEN",
    "OTHER_BAD_PIXEL",
    "REFERENCE_PIXEL",
)

DQ_FLAGS: dict[str, int] = {name: 1 << bit for bit, name in enumerate(_MNEMONICS)}
"""Value of each flag, in the order of the bits."""

OLD_DQ_FLAGS = {"UNDERSAMP": "CHARGELOSS", "UNRELIABLE_RESET": "FLUX_ESTIMATED"}
"""Mnemonics of earlier releases, with those that have replaced them."""


def flag_names(value: int) -> list[str]:
    """Return the mnemonics of the flags that are set in a value, in the order of the bits."""
    return [name for name, flag in DQ_FLAGS.items() if value & flag]
