"""Pages of this domain that are not generated."""
