"""Hands that touch a page only when its scripts have begun: before that, a key or a click goes to nobody.

What a page shows can be seen while its scripts are still on their way, which a busy machine makes long. A person
needs longer than that to see it and to act; a test does not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from playwright.sync_api import Keyboard, Locator, Mouse, Page

_TOUCHES = ("check", "click", "dblclick", "fill", "focus", "hover", "press", "select_option", "tap", "uncheck")
_MORE_TOUCHES = ("clear", "drag_to", "press_sequentially", "set_checked", "set_input_files")
_KEYS = ("down", "insert_text", "press", "type")
_MOVES = ("click", "dblclick", "down", "move", "wheel")


def teach(patch: pytest.MonkeyPatch) -> None:
    """From now on every locator, page, keyboard and mouse waits."""
    for name in _TOUCHES:
        patch.setattr(Page, name, _patient(getattr(Page, name), lambda page: page))
    for name in (*_TOUCHES, *_MORE_TOUCHES):
        patch.setattr(Locator, name, _patient(getattr(Locator, name), lambda locator: locator.page))
    for device, names in (("keyboard", _KEYS), ("mouse", _MOVES)):
        patch.setattr(Page, device, property(functools.partial(_taught, getattr(Page, device).fget, names)))


def _patient(act: Callable[..., Any], page_of: Callable[[Any], Page]) -> Callable[..., Any]:
    @functools.wraps(act)
    def patient(on: Any, *args: Any, **how: Any) -> Any:
        page_of(on).wait_for_load_state("domcontentloaded")
        return act(on, *args, **how)

    return patient


def _taught(device_of: Callable[[Page], Keyboard | Mouse], names: Sequence[str], page: Page) -> Keyboard | Mouse:
    """The keyboard or the mouse of a page, which do not know whose they are by themselves."""
    device = device_of(page)
    for name in names:
        if name not in vars(device):
            act = _patient(getattr(type(device), name), lambda _device: page)
            setattr(device, name, functools.partial(act, device))
    return device
