# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The known name that a user most probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
import re

_LONGEST = 60  # characters; comparing takes time that grows with the square of the length
_ALIKE = 0.65  # share of characters in common, of two names
_ALIKE_WORDS = 0.4  # the same of two words in them


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that a user most probably meant by `name`; None where none is alike.

    Upper and lower case count as alike. In this order: the same name, the same last part of a
    dotted name ('mode' and 'other.mode' mean 'correction.mode'), the only name that has all the
    words ('keypoint_score' means 'min_keypoint_score'), and a name that is spelled much like it, word by word.
    """
    name, known = name[:_LONGEST].lower(), list(known)
    for part in (str.lower, _last_part):
        if alike := [k for k in known if part(k) == part(name)]:
            return (get_close_matches(name, alike, 1, 0.0) or alike)[0]
    if fuller := [k for k in known if _words(name) and _words(name) <= _words(k)]:
        return fuller[0] if len(fuller) == 1 else None  # 'camera' may mean many
    for part in (str.lower, _last_part):
        by_part = {part(k): k for k in reversed(known) if _has_alike_words(name, k)}
        if near := get_close_matches(part(name), by_part, 1, _ALIKE):
            return by_part[near[0]]
    return None


def hint(name: str, known: Iterable[str]) -> str:
    """Return ' (did you mean ...?)' with the nearest known name; empty where there is none."""
    near = nearest(name, known)
    return f' (did you mean {near!r}?)' if near else ''


def _last_part(name: str) -> str:
    return name.lower().rpartition('.')[2]


def _words(name: str) -> set[str]:
    return set(re.split(r'[\W_]+', name.lower())) - {''}


def _has_alike_words(name: str, known: str) -> bool:
    """Tell whether each word that only `name` has is like one that only `known` has.

    'camera.gain' has much in common with 'camera_pitch', and means something else. The words
    before the last dot may differ: they are a group's name.
    """
    others = _words(known) - _words(name)
    return all(get_close_matches(word, others, 1, _ALIKE_WORDS)
               for word in _words(_last_part(name)) - _words(known))
