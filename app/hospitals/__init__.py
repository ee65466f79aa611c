"""Hospitals and outpatient clinics."""
