"""Repeated measurements of one time."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Timing:
    """Seconds that the same thing took again and again."""

    seconds: list[float] = field(default_factory=list)

    def add(self, seconds: float) -> None:
        """Take one more measurement."""
        self.seconds.append(seconds)

    @property
    def median(self) -> float:
        """The median, which a moment of other work on the machine does not move."""
        return float(np.median(self.seconds))

    def times_faster(self, other: "Timing") -> float:
        """Return how many times as long the other takes."""
        return other.median / self.median

    def text(self) -> str:
        """Return median and quartiles, as in `5.1 ms (4.9 to 5.6)`."""
        low, high = np.percentile(self.seconds, [25, 75])
        scale, unit = (1.0, "s") if self.median >= 1 else (1000.0, "ms")
        median, low, high = (f"{value * scale:.3g}" for value in (self.median, low, high))
        return f"{median} {unit} ({low} to {high})"
