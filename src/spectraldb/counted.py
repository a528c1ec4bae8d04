"""Numbers of things in messages, in the singular or the plural."""


def counted(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun, such as ``1 pixel`` or ``1,200 pixels``.

    Parameters
    ----------
    number
        How many there are.
    singular
        The noun for one.
    plural
        The noun for several; by default `singular` with an s.
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def numbered_spectra(count: int) -> str:
    """Return the sentence of a message that says which spectra a product has."""
    if count == 1:
        return "It has one spectrum, with the number 0."
    return f"Its spectra are numbered 0 to {count - 1}."
