"""Reading rows for screens: a page of a list, one record, names, counts, files. Always through `visible`.

A list costs two statements whatever the table's size: the page (ids first,
inside an index, then the 25 rows with the names of what they point to) and a
count that stops at 10,000.
"""

from app.screens.query.asked import (
    COUNT_CAP,
    FIND_CAP,
    OFFSET_CAP,
    Listing,
    Order,
    Screens,
    key_of,
    may_be_changed,
    named,
    whose,
)
from app.screens.query.files import Columns, all_of, streamed
from app.screens.query.lists import among, children_of, count_of, order_columns, ordering, page_of
from app.screens.query.names import name_of, names_in, names_of, own_name
from app.screens.query.narrowing import folded, narrowed
from app.screens.query.picks import PICK_PAGES, PICKS, picks_of
from app.screens.query.records import OWN_NAME, child_counts, fetch, record_of
from app.screens.query.streams import Before, latest, older_than

__all__ = [
    "COUNT_CAP",
    "FIND_CAP",
    "OFFSET_CAP",
    "OWN_NAME",
    "PICKS",
    "PICK_PAGES",
    "Before",
    "Columns",
    "Listing",
    "Order",
    "Screens",
    "all_of",
    "among",
    "child_counts",
    "children_of",
    "count_of",
    "fetch",
    "folded",
    "key_of",
    "latest",
    "may_be_changed",
    "name_of",
    "named",
    "names_in",
    "names_of",
    "narrowed",
    "older_than",
    "order_columns",
    "ordering",
    "own_name",
    "page_of",
    "picks_of",
    "record_of",
    "streamed",
    "whose",
]
