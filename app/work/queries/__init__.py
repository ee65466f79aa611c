"""What can be asked; always through the viewer."""
