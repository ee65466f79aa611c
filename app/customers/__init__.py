"""Mothers and families: identity, pregnancies, consents, notes, lead score."""
