"""Why an e-mail has not arrived, in the language of whoever reads it. What is stored is English."""

from __future__ import annotations

import re

from flask_babel import gettext as _

from app.core.mail.reasons import N_, REPEATING

REFUSED_EARLIER = N_("Earlier e-mail to this address was refused for good: %(answer)s")
CAME_BACK = N_("The e-mail came back: %(answer)s")
TOO_MANY = N_("This address has had %(most)s e-mails within a day; this one waits.")


def pattern(sentence: str) -> re.Pattern[str]:
    """What a stored sentence looks like, whatever its placeholders held."""
    parts = re.split(r"%\((\w+)\)s", sentence)
    parts[::2] = [re.escape(part) for part in parts[::2]]
    parts[1::2] = [f"(?P<{name}>.*)" for name in parts[1::2]]
    return re.compile("".join(parts), re.DOTALL)


KNOWN = {sentence: pattern(sentence) for sentence in (*REPEATING, REFUSED_EARLIER, CAME_BACK, TOO_MANY)}


def told(stored: str | None) -> str:
    """A stored reason in words of the reader; a server's own answer stays as it was said. "" for none."""
    if not stored:
        return ""
    for sentence, shape in KNOWN.items():
        if found := shape.fullmatch(stored):
            return _(sentence, **found.groupdict())
    return _(stored)
