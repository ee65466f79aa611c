"""People who log in, their roles and rights."""
