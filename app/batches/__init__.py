"""Many changes at once: prepared, looked at, done all or not at all, and taken back within a day."""
