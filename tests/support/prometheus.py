"""The samples of metrics in the text format of Prometheus."""


def sample_value(text: str, name: str, **labels: str) -> float:
    """Return the value of a sample; 0.0 if there is none."""
    pairs = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
    prefix = f"{name}{{{pairs}}} "
    values = (line[len(prefix) :] for line in text.splitlines() if line.startswith(prefix))
    return float(next(values, 0.0))
