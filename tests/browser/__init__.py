"""The pages in a real browser, on a running house with demo data."""
