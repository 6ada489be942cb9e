# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The number of a frame, from what a file calls it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
import re
from typing import Any

from pose_machine_ros.errors import InputError


def frame_numbers(labels: Sequence[Any], where: str) -> list[int]:
    """Return the numbers of different frames that are called `labels`: numbers, or file names.

    A file name's number is the last one in it; if one of them has none, frames are counted in the
    order of the names. Raises InputError that says `where` for labels that are neither, and for
    files of several videos.
    """
    if all(isinstance(label, str) for label in labels):
        found = [re.findall(r'\d+', PurePath(label).stem) for label in labels]
        if not all(found):
            position = {label: i for i, label in enumerate(sorted(labels))}
            return [position[label] for label in labels]
        numbers = [int(f[-1]) for f in found]
    else:
        numbers = [_whole(label, where) for label in labels]
    seen: dict[int, Any] = {}
    for number, label in zip(numbers, labels):
        if number in seen:
            raise InputError(f'{where}: {seen[number]} and {label} are both frame {number}; give '
                             'the frames of one video')
        seen[number] = label
    return numbers


def _whole(label: Any, where: str) -> int:
    if isinstance(label, bool) or not isinstance(label, (int, float)) or label != label // 1:
        raise InputError(f'{where}: {label!r} is no number of a frame')
    return int(label)
