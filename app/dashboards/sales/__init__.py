"""Sales insights: how deals go through a pipeline, what becomes of them, and what is expected of them."""
