"""What we sell: products, their market instances, prices, payment plans and sets."""
