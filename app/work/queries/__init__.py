"""What can be asked about tasks and about the colleagues who work on them."""
