"""What follows from the values of a deal."""
