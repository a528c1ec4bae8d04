"""A request becomes a Query, and a Query becomes SQL."""
