"""HTML of strangers: one allow-list for mail, applied when it is stored and again when it is shown.

Nothing that runs, loads or covers the page stays: no scripts, no remote pictures, no positions, no forms.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

import nh3
from markupsafe import Markup

_TEXT = {"p", "br", "hr", "div", "span", "blockquote", "pre", "code", "h1", "h2", "h3", "h4", "h5", "h6",
         "b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "ul", "ol", "li", "a", "img"}  # fmt: skip
_TABLE = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "colgroup", "col"}
_GONE = {"script", "style", "head", "title", "template", "noscript", "iframe", "object", "embed", "svg", "math",
         "form", "textarea", "select", "button", "video", "audio", "canvas"}  # fmt: skip
_CELL = {"colspan", "rowspan", "align", "valign", "width"}
_ATTRIBUTES = {
    "*": {"style", "dir", "lang"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "table": {"width", "border", "cellpadding", "cellspacing", "align"},
    "td": _CELL,
    "th": _CELL,
    "ol": {"start"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_STYLES = {"color", "background-color", "font-size", "font-weight", "font-style", "text-align", "text-decoration",
           "line-height", "padding", "padding-top", "padding-right", "padding-bottom", "padding-left", "border",
           "border-collapse", "border-top", "border-bottom", "vertical-align", "white-space"}  # fmt: skip
_LOADING = re.compile(r"url\s*\(|expression\s*\(|image-set|\\|@import|/\*", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}]")
_BLOCKS = {"p", "div", "tr", "table", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
_LONGEST = 1_000_000  # characters; more is cut before it is parsed


def clean_mail(html: str) -> str:
    """What may stay of the HTML of a mail. Cleaning what is clean changes nothing."""
    return nh3.clean(
        html[:_LONGEST].replace("\x00", ""),
        tags=_TEXT | _TABLE,
        clean_content_tags=_GONE,
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes=_SCHEMES | {"cid"},
        url_relative="deny",
        filter_style_properties=_STYLES,
        link_rel="noopener noreferrer nofollow",
    )


def clean_for_page(html: str) -> Markup:
    """What may stay of a stored page inside one of ours: its text and tables, in our own look, without pictures."""
    return Markup(
        nh3.clean(
            html[:_LONGEST].replace("\x00", ""),
            tags=(_TEXT | _TABLE) - {"img"},
            clean_content_tags=_GONE,
            attributes={"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
            url_schemes=_SCHEMES,
            url_relative="deny",
            link_rel="noopener noreferrer nofollow",
        )
    )


def _kept(tag: str, name: str, value: str) -> str | None:
    """Pictures come with the mail itself (`cid:`) or not at all, and no link leads into it."""
    scheme = value.strip().partition(":")[0].lower()
    if name == "src":
        return value if scheme == "cid" else None
    if name == "href":
        return None if scheme == "cid" else value
    if name == "style":
        return None if _LOADING.search(value) else value
    return value


def html_of(text: str) -> Markup:
    """Plain text as the HTML of a mail: paragraphs, line breaks, and addresses of pages as links."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n").strip())
    return Markup("\n").join(
        Markup(f'<p style="margin:0 0 16px">{_linked(part)}</p>') for part in paragraphs if part.strip()
    )


def _linked(text: str) -> str:
    pieces, end = [], 0
    for found in _LINK.finditer(text):
        address = escape(found[0])
        pieces += [escape(text[end : found.start()]), f'<a href="{address}" style="color:#6b2346">{address}</a>']
        end = found.end()
    return "".join([*pieces, escape(text[end:])]).replace("\n", "<br>\n")


def text_of(html: str) -> str:
    """HTML as plain text, for the other half of a mail and for search. Links keep their address."""
    reader = _Reader()
    reader.feed(clean_mail(html))
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(reader.pieces))).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._address, self._shown = "", ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.pieces.append("\n")
        elif tag == "li":
            self.pieces.append("\n- ")
        elif tag in _BLOCKS:
            self.pieces.append("\n\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")
        elif tag == "a":
            self._address, self._shown = dict(attributes).get("href") or "", ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            bare = self._address.removeprefix("mailto:").removeprefix("tel:")
            if bare and bare.rstrip("/") != self._shown.strip().rstrip("/"):
                self.pieces.append(f" ({bare})")
            self._address = ""
        elif tag in _BLOCKS:
            self.pieces.append("\n\n")

    def handle_data(self, text: str) -> None:
        self._shown += text
        self.pieces.append(re.sub(r"\s+", " ", text))
