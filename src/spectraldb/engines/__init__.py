"""An engine runs SQL on a version of the lake."""
