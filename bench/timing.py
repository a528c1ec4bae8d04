"""Repeated measurements of a duration."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Timing:
    """Durations of repeated runs, in seconds."""

    seconds: list[float] = field(default_factory=list)

    def add(self, seconds: float) -> None:
        """Add a measurement."""
        self.seconds.append(seconds)

    @property
    def median(self) -> float:
        """Median, which is robust against short disturbances."""
        return float(np.median(self.seconds))

    @property
    def short(self) -> str:
        """Median with its unit, as in `5.1 ms`."""
        return f"{self.median:.3g} s" if self.median >= 1 else f"{self.median * 1000:.3g} ms"

    @property
    def mean_text(self) -> str:
        """Mean with its unit, for times that the system counts in steps of 10 ms."""
        mean = float(np.mean(self.seconds))
        return f"{mean:.3g} s" if mean >= 1 else f"{mean * 1000:.3g} ms"

    def times_faster(self, other: "Timing") -> float:
        """Return how many times as long `other` takes."""
        return other.median / self.median

    def text(self) -> str:
        """Return median and quartiles, as in `5.1 ms (4.9 to 5.6)`."""
        low, high = np.percentile(self.seconds, [25, 75])
        scale = 1.0 if self.median >= 1 else 1000.0
        return f"{self.short} ({low * scale:.3g} to {high * scale:.3g})"

    def beside(self, name: str, other: "Timing") -> str:
        """Return a sentence that compares this time with that of another program."""
        return f"{self.short}; {other.relative(name, self)}."

    def relative(self, name: str, ours: "Timing") -> str:
        """Return a clause with this time, of another program, relative to `ours`."""
        longer = ours.times_faster(self)
        factor = f"{longer:.1f}" if longer < 10 else f"{longer:,.0f}"
        return f"{name} takes {self.short} ({factor} times as long)"
