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
