"""What a page needs to be drawn: plain frozen values, no database, no Flask.

`build.py` fills these from a resolved screen and the rows; the templates
draw them and decide nothing. Every text is already translated, every address
already carries what it has to keep (filters, order, page size).
"""

from app.screens.page.charts import Chart, ChartPage
from app.screens.page.forms import Change, FormPage, FormSection, ShortForm
from app.screens.page.frame import DirectoryArea, NavGroup, NavItem
from app.screens.page.history import Day, HistoryChange, HistoryEntry, HistoryPage, TimelinePage, Told
from app.screens.page.lists import Chip, ColumnChoice, Filterable, ListPage, Many, Operator, Paging, Saved, SavedTab
from app.screens.page.parts import Cell, Choice, Column, Link, Row
from app.screens.page.records import Aside, Extra, RecordPage, ShownField, ShownSection, Tab

__all__ = [
    "Aside",
    "Cell",
    "Change",
    "Chart",
    "ChartPage",
    "Chip",
    "Choice",
    "Column",
    "ColumnChoice",
    "Day",
    "DirectoryArea",
    "Extra",
    "Filterable",
    "FormPage",
    "FormSection",
    "HistoryChange",
    "HistoryEntry",
    "HistoryPage",
    "Link",
    "ListPage",
    "Many",
    "NavGroup",
    "NavItem",
    "Operator",
    "Paging",
    "RecordPage",
    "Row",
    "Saved",
    "SavedTab",
    "ShortForm",
    "ShownField",
    "ShownSection",
    "Tab",
    "TimelinePage",
    "Told",
]
