"""What every domain stands on: database, rights of the viewer, errors, secrets, files. Knows no domain."""
