"""What follows from values alone."""
