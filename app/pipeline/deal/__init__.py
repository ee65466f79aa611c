"""The page of one deal: its stage, products, activities, contract and links; also as a panel beside the board."""
