# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The known name that a user most probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 60  # characters; comparing takes time that grows with the square of the length


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like `name`; None where none is.

    Upper and lower case count as alike. A dotted name is also found by its last part: 'mode' is
    like 'correction.mode'.
    """
    known = list(known)
    for part in (str.lower, lambda dotted: dotted.lower().rpartition('.')[2]):
        by_part = {part(k): k for k in reversed(known)}
        if near := get_close_matches(part(name[:_LONGEST]), by_part, 1):
            return by_part[near[0]]
    return None


def hint(name: str, known: Iterable[str]) -> str:
    """Return ' (did you mean ...?)' with the nearest known name; empty where there is none."""
    near = nearest(name, known)
    return f' (did you mean {near!r}?)' if near else ''
