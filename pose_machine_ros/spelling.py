# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Suggestions for misspelt names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
import re

_LONGEST = 60  # characters; the time of a comparison grows with the square of the length
_MIN_SIMILARITY = 0.65  # of two names; fraction of characters in common
_MIN_WORD_SIMILARITY = 0.4  # the same of two words in them


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that a user most probably meant by `name`; None if none is similar.

    Upper and lower case are equal. In this order of preference: the same name, the same last part
    of a dotted name ('mode' and 'other.mode' mean 'correction.mode'), the only name with all the
    words ('keypoint_score' means 'min_keypoint_score'), and a name with a similar spelling, word by
    word.
    """
    name, known = name[:_LONGEST].lower(), list(known)
    for part in (str.lower, _last_part):
        if same := [k for k in known if part(k) == part(name)]:
            return (get_close_matches(name, same, 1, 0.0) or same)[0]
    if fuller := [k for k in known if _words(name) and _words(name) <= _words(k)]:
        return fuller[0] if len(fuller) == 1 else None  # 'camera' may mean many
    for part in (str.lower, _last_part):
        by_part = {part(k): k for k in reversed(known) if _has_similar_words(name, k)}
        if near := get_close_matches(part(name), by_part, 1, _MIN_SIMILARITY):
            return by_part[near[0]]
    return None


def hint(name: str, known: Iterable[str]) -> str:
    """Return ' (did you mean ...?)' with the nearest known name; empty if there is none."""
    near = nearest(name, known)
    return f' (did you mean {near!r}?)' if near else ''


def _last_part(name: str) -> str:
    return name.lower().rpartition('.')[2]


def _words(name: str) -> set[str]:
    return set(re.split(r'[\W_]+', name.lower())) - {''}


def _has_similar_words(name: str, known: str) -> bool:
    """Return whether each word that only `name` has is similar to one that only `known` has.

    'camera.gain' and 'camera_pitch' have many characters in common, but differ in meaning. Words
    before the last dot, which name a group, may differ.
    """
    others = _words(known) - _words(name)
    return all(get_close_matches(word, others, 1, _MIN_WORD_SIMILARITY)
               for word in _words(_last_part(name)) - _words(known))
