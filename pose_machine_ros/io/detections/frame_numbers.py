# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Frame numbers from the labels of frames in a file."""

from __future__ import annotations

from collections.abc import Sequence
import re
from typing import Any

from pose_machine_ros.errors import InputError

_SUFFIX = re.compile(r'[.][a-z][a-z0-9]{1,3}$', re.IGNORECASE)  # .jpg, but not .0001
_DIGITS = re.compile(r'[0-9]+')
_SECONDS = re.compile(r'(?<![0-9])[0-9]{9,}[.][0-9]+$')  # since 1970, with decimals
_FIX = 'give the frames of one video, with names like frame_0001.jpg'


def frame_numbers(labels: Sequence[Any], where: str) -> list[int]:
    """Return the frame numbers of different frames by their labels: numbers or file names.

    Of several numbers in the file names, the one that differs between the names counts. If a name
    has no number, frames are counted in the order of their names. Raises InputError that says
    `where` for other labels, for names that differ in several numbers, and for files of several
    videos.
    """
    if all(isinstance(label, str) for label in labels):
        numbers = _of_names(labels, where)
    else:
        numbers = [_whole(label, where) for label in labels]
    seen: dict[int, Any] = {}
    for number, label in zip(numbers, labels):
        if number in seen:
            raise InputError(f'{where}: {seen[number]} and {label} are both frame {number}; give '
                             'the frames of one video')
        seen[number] = label
    return numbers


def _of_names(names: Sequence[str], where: str) -> list[int]:
    stems = [_SUFFIX.sub('', re.split(r'[/\\]', name)[-1]) for name in names]
    found = [_DIGITS.findall(stem) for stem in stems]
    if not all(found):
        position = {name: i for i, name in enumerate(sorted(names))}
        return [position[name] for name in names]
    if not found:
        return []
    first = found[0]
    other = next((i for i, f in enumerate(found) if len(f) != len(first)), None)
    if other is not None:
        raise InputError(f'{where}: {names[0]} has {len(first)} numbers and {names[other]} has '
                         f'{len(found[other])}, so the number of the frame is unclear; {_FIX}')
    different = [i for i, column in enumerate(zip(*found)) if len(set(column)) > 1]
    if different and all(map(_SECONDS.search, stems)):
        raise InputError(f'{where}: names such as {names[0]} are times in seconds; {_FIX}')
    if len(different) > 1:
        other = next(i for i, f in enumerate(found) if f != first)
        raise InputError(f'{where}: {names[0]} and {names[other]} are among names that differ in '
                         f'{len(different)} numbers, so the number of the frame is unclear; {_FIX}')
    position = different[0] if different else -1
    try:
        return [int(f[position]) for f in found]
    except ValueError as error:  # Python limits the number of digits
        raise InputError(f'{where}: a number of {names[0][:80]} is too long: {error}') from error


def _whole(label: Any, where: str) -> int:
    if isinstance(label, bool) or not isinstance(label, (int, float)) or label != label // 1:
        raise InputError(f'{where}: {label!r} is not a frame number')
    return int(label)
