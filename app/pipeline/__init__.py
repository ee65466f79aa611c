"""Sales pipelines, deals, activities, automation."""
