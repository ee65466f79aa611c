"""Dashboards: numbers and charts over several domains, and the tiles that people arrange for themselves."""
