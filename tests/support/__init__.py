"""What tests share: an oracle, generated files, stores and clusters to test against."""
