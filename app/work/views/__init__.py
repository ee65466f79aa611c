"""Pages of work that are not generated."""
