"""Lookups, services, telephony and the switches of each market."""
