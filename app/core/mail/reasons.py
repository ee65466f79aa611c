"""Why a mail was not taken: sentences that are written down in English and told in the language of whoever reads.

Here stand those that repeat what a server said; the others are known again as they are.
"""

from __future__ import annotations


def N_(sentence: str) -> str:  # as gettext calls it
    """The sentence itself, marked for translation: who reads it later may speak another language."""
    return sentence


REFUSES_LOGIN = N_("The mail server refuses our login: %(answer)s")
REFUSES_MAIL = N_("The mail server refuses this e-mail: %(answer)s")
REFUSES_ADDRESS = N_("The address takes no e-mail: %(answer)s")
BAD_CERTIFICATE = N_("The certificate of the mail server is not valid: %(reason)s")
OUT_OF_REACH = N_("The mail server cannot be reached: %(reason)s")
REPEATING = (REFUSES_LOGIN, REFUSES_MAIL, REFUSES_ADDRESS, BAD_CERTIFICATE, OUT_OF_REACH)
