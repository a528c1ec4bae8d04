"""The tables and their columns, once: types, units, UCDs and descriptions."""
