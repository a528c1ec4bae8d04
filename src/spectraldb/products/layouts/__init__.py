"""Layouts of files: how the pipeline and teams write spectra, each with its reader."""
