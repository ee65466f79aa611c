"""HTML of strangers: what stays, and that nothing which runs, loads or covers the page does."""

from __future__ import annotations

import re

import pytest

from app.core.html import clean_mail, html_of, text_of

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="https://spy.example/pixel.gif">',
    '<img src="//spy.example/pixel.gif">',
    '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\tscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>">x</a>',
    '<a href="cid:part1">x</a>',
    '<a href="vbscript:x">x</a>',
    '<a href="//evil.example">x</a>',
    '<a href="/users/delete/1">x</a>',
    '<svg onload="alert(1)"><circle/></svg>',
    '<iframe src="https://evil.example"></iframe>',
    '<object data="x"></object><embed src="x">',
    '<form action="https://evil.example"><input name="password"></form>',
    '<style>body{display:none}</style>',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<base href="https://evil.example">',
    '<div style="position:fixed;top:0;left:0;width:100%;height:100%">x</div>',
    '<div style="background-image:url(https://spy.example/x)">x</div>',
    '<div style="background-color:url(https://spy.example/x)">x</div>',
    '<div style="color:expression(alert(1))">x</div>',
    '<div style="color:\\75rl(https://spy.example)">x</div>',
    '<p onclick="alert(1)" class="notice" id="content">x</p>',
    '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<!--[if mso]><script>alert(1)</script><![endif]-->",
    '<video src="https://spy.example/x.mp4" autoplay></video>',
    '<td background="https://spy.example/x.gif">x</td>',
    "<a href='https://ok.example' target='_top' style='z-index:9;position:absolute'>x</a>",
]
FORBIDDEN = ("script", "onerror", "onload", "onclick", "spy.example", "evil.example", "javascript", "data:", "<iframe", "<svg",
             "<object", "<embed", "<form", "<input", "<style", "<link", "<meta", "<base", "position", "url(", "expression",
             "75rl", "class=", "id=", "target", "z-index", "cid:", "/users/delete", "background=", "vbscript")  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_dangerous_stays(attack: str) -> None:
    cleaned = clean_mail(f"<p>before</p>{attack}<p>after</p>").lower()

    assert [word for word in FORBIDDEN if word in cleaned] == []
    assert "before" in cleaned


@pytest.mark.parametrize("html", [*ATTACKS, "<p>a & b &lt; c", "<table><tr><td colspan=2>x", '<a href="mailto:a@b.c">x</a>'])
def test_cleaning_what_is_clean_changes_nothing(html: str) -> None:
    once = clean_mail(html)

    assert clean_mail(once) == once


@pytest.mark.parametrize(
    "html",
    ['<p style="color:red">x</p>', "<b>x</b>", '<img src="cid:logo" alt="Logo">', '<table width="100"><tbody><tr><td colspan="2">x</td></tr></tbody></table>'],
)  # fmt: skip
def test_what_a_mail_is_made_of_stays(html: str) -> None:
    assert clean_mail(html) == html


@pytest.mark.parametrize("address", ["https://example.com/a?b=1", "http://example.com", "mailto:a@example.com", "tel:+421900"])
def test_links_people_follow_stay_and_tell_nobody_where_from(address: str) -> None:
    assert clean_mail(f'<a href="{address}">x</a>') == f'<a href="{address}" rel="noopener noreferrer nofollow">x</a>'


def test_plain_text_becomes_paragraphs_and_links_and_nothing_else() -> None:
    html = html_of("Dear <b>Jana</b>,\r\n\r\nsee https://example.com/a?b=1&c=2.\nBye & thanks\n\n\n")

    assert html == (
        "<p>Dear &lt;b&gt;Jana&lt;/b&gt;,</p>\n"
        '<p>see <a href="https://example.com/a?b=1&amp;c=2">https://example.com/a?b=1&amp;c=2</a>.<br>\nBye &amp; thanks</p>'
    )


@pytest.mark.parametrize("evil", ['https://x.y/"onmouseover="alert(1)', "https://x.y/<script>", "https://x.y/'a"])
def test_an_address_in_plain_text_does_not_leave_its_quotes(evil: str) -> None:
    html = html_of(evil)

    assert html.startswith('<p><a href="https://x.y/">https://x.y/</a>')
    assert not re.search(r"""["'<>]""", html.partition("</a>")[2].removesuffix("</p>"))


def test_html_reads_as_text_with_its_links_and_lists() -> None:
    text = text_of('<h1>Hello</h1><p>See <a href="https://example.com/x">the page</a><br>or <a href="mailto:a@b.c">a@b.c</a></p>'
                   "<ul><li>one</li><li>two &amp; three</li></ul><script>alert(1)</script>")  # fmt: skip

    assert text == "Hello\n\nSee the page (https://example.com/x)\nor a@b.c\n\n- one\n- two & three"
