"""Reports of other mail servers about an e-mail of ours that could not be delivered after all (RFC 3464)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import cast

from app.communication import rules
from app.core.mail.smtp import blames_address

_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
_CODE = re.compile(r"\b([245]\d\d)\b")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_HEADERS = re.compile(rb"^message-id:\s*(<[^>\r\n]+>)", re.IGNORECASE | re.MULTILINE)
_LONGEST = 2_000_000  # bytes that are read of a report
_LONGEST_ANSWER = 300


@dataclass(frozen=True)
class Report:
    """What became of one e-mail for one recipient."""

    message_key: str
    recipient: str
    action: str  # failed, delayed, delivered, relayed, expanded
    status: str  # "5.1.1"; "" when none was given
    answer: str  # one line for people

    @property
    def blames_address(self) -> bool:
        """Whether it says that the mailbox is not there, and will not be tomorrow."""
        if self.action != "failed" or not self.status.startswith("5"):
            return False
        code = _CODE.search(self.answer)
        return blames_address(int(code[1]) if code else 550, f"{self.status} {self.answer}")


def reports_in(content: bytes) -> list[Report]:
    """The reports in a raw mail; none when it is no delivery status notification about a mail of ours."""
    message = cast(EmailMessage, message_from_bytes(content[:_LONGEST], policy=policy.compat32))
    key = _original(message)
    if key is None:
        return []
    found = []
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            found += [report for block in _blocks(part) if (report := _report(key, block)) is not None]
    return found


def _blocks(part: Message) -> Iterator[Message]:
    """The fields of each recipient; the first block is about the whole mail."""
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (block for block in payload if isinstance(block, Message))


def _report(key: str, block: Message) -> Report | None:
    recipient = _address(block.get("Original-Recipient")) or _address(block.get("Final-Recipient"))
    action = str(block.get("Action", "")).strip().lower()
    if not recipient or action not in _ACTIONS:
        return None
    status = _STATUS.search(str(block.get("Status", "")))
    said = str(block.get("Diagnostic-Code", "")).partition(";")[2] or str(block.get("Status", ""))
    answer = " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())
    plain = status[1] if status else ""
    if plain and plain not in answer:
        answer = f"{plain} {answer}".strip()
    return Report(key, recipient, action, plain, (answer or action)[:_LONGEST_ANSWER])


def _address(field: object) -> str:
    """`rfc822; name@example.com` as the address alone."""
    kind, _semicolon, address = str(field or "").partition(";")
    return address.strip().strip("<>") if kind.strip().lower() in ("rfc822", "utf-8") else ""


def _original(message: Message) -> str | None:
    """The message the report is about: its Message-ID in what is returned, else in what is answered."""
    for part in message.walk():
        if part.get_content_type() in ("message/rfc822", "message/rfc822-headers", "text/rfc822-headers",
                                       "message/global", "message/global-headers"):  # fmt: skip
            for header in _HEADERS.findall(_raw(part)):
                if (key := rules.key_in(header.decode("ascii", "replace"))) is not None:
                    return key
    for name in ("In-Reply-To", "References", "X-Reference"):
        for word in str(message.get(name, "")).split():
            if (key := rules.key_in(word)) is not None:
                return key
    return None


def _raw(part: Message) -> bytes:
    """The returned mail or its headers as bytes, whichever way the parser has taken it apart."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return b"\n".join(inner.as_bytes() for inner in payload if isinstance(inner, Message))
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else str(payload).encode("utf-8", "replace")
