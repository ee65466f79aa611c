"""The board: the deals of one pipeline as cards in the columns of its stages."""
