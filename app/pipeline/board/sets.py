"""Sets of deals that the filters of list, board and forecast offer beside the columns of a deal."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from app.core.db import current_session
from app.core.viewer import Viewer, visible, who_acts
from app.pipeline.models import DealProduct
from app.screens import atlas, query
from app.screens.filters import Named

_TABLE = "deal_products"


def sets() -> dict[str, Named]:
    """`_flt_product_id=<product>`: deals in which the product is offered."""
    return {"product": Named(_l("Product"), _with_product, "deals", f"/{_TABLE}/pick/product_id", _open, _name)}


def _open(viewer: Viewer) -> bool:
    there = atlas.known()[_TABLE]
    return viewer.sees(there.module) and there.reads(viewer, "product_id") and there.reads(viewer, "deal_id")


def _with_product(product_id: str) -> Select[Any]:
    viewer = who_acts()
    found = visible(DealProduct, viewer).with_only_columns(DealProduct.deal_id)
    return found.where(DealProduct.product_id == product_id, *([] if _open(viewer) else [DealProduct.id.is_(None)]))


def _name(product_id: str) -> str:
    viewer = who_acts()
    if not _open(viewer):
        return ""
    return query.names_in(current_session(), atlas.known(), viewer, [(("products",), product_id)])[0]
