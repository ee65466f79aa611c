"""What the pages about sales ask of rights in common."""

from __future__ import annotations

from app.core.viewer import Viewer
from app.screens.query import Screens

PIPELINES, STAGES = "pipelines", "pipeline_stages"


def names_told(screens: Screens, viewer: Viewer, *tables: str) -> bool:
    """Whether somebody may know what pipelines and their stages, or the ones of these `tables`, are called."""
    return all("name" in screens[table].names(viewer) for table in tables or (PIPELINES, STAGES))
