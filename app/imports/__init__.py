"""Records out of files: read with suspicion, mapped to fields, looked at row by row, then done as one batch."""
