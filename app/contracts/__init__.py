"""Contract templates, contracts, signing, variables."""
