"""The pages on which rights are given, compared and explained."""
