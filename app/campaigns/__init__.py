"""Marketing and call-centre campaigns, their contacts and operators."""
