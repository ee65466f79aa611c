"""`/pipeline/pipelines/`: pipelines and their stages, as a list and in an editor."""
