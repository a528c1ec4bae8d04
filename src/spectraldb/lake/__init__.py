"""Three Delta Lake tables under one folder: rows are written, committed, replaced and removed."""
