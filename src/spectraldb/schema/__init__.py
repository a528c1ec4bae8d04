"""The tables and their columns: types, units, UCDs and descriptions."""
