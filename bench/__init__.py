"""What pages cost, each beside the bare SQL it needs, in one run."""
