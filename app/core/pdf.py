"""PDF of our own HTML, with fonts for every language of the house.

xhtml2pdf knows tables and frames, no flex and no grid. It may read the fonts
beside this file and nothing else: no address, no other file, whatever stands
in the HTML. Missing fonts, refused pictures and the like are warnings there;
a PDF that lacks something is logged.
"""

from __future__ import annotations

import io
import logging
import threading
from pathlib import Path

from flask_babel import gettext as _
from xhtml2pdf import pisa
from xhtml2pdf.config.resources import ResourceAccessPolicy

from app.core.errors import DomainError

log = logging.getLogger(__name__)

FONTS = Path(__file__).parent / "fonts"
_CSS = """
@font-face { font-family: Plain; src: url("DejaVuSans.ttf"); }
@font-face { font-family: Plain; font-weight: bold; src: url("DejaVuSans-Bold.ttf"); }
"""
_one_at_a_time = threading.Lock()  # fonts are registered for the whole process


class NotPrintable(DomainError):
    """A page that cannot become a PDF, or takes too long to."""

    status = 422

    def default(self) -> str:
        return _("This cannot be made into a PDF.")


def pdf_of(html: str, css: str) -> bytes:
    """The PDF of a page whose font family is `Plain`. Raises NotPrintable."""
    made = io.BytesIO()
    page = f"<html><head><style>{_CSS}{css}</style></head><body>{html}</body></html>"
    policy = ResourceAccessPolicy.server(FONTS, allow_remote=False)
    with _one_at_a_time:
        try:
            done = pisa.CreatePDF(
                page, dest=made, encoding="utf-8", path=str(FONTS / "page.html"), resource_policy=policy
            )
        except Exception as failed:  # whatever the renderer trips over, it is about this page
            log.exception("A page could not be made into a PDF")
            raise NotPrintable from failed
    if done.err:
        raise NotPrintable
    if done.warn:
        log.warning("A PDF was made with %s warnings", done.warn)
    return made.getvalue()
