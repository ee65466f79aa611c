"""Pages over several domains: what a person sees first."""
