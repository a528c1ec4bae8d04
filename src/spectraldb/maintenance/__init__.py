"""The lake is put in order: files merged, what nothing sees dropped, segments written."""
