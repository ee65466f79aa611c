"""What can be done with deals and pipelines."""
