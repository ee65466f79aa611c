"""Rules that act by themselves: what they say, what they do, once per event, and what they would have done."""
