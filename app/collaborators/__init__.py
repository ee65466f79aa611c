"""Doctors, nurses and other partners who bring us clients."""
