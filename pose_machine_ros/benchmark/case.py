# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What one measurement of the benchmark runs; importing it is cheap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
import itertools

from pose_machine_ros.errors import InputError

PEOPLE, CAMERAS = (1, 2, 5, 10), (1, 2, 4)
SIZES = ((640, 480), (1280, 720), (1920, 1080))
# By name: the number of processes (None: one per camera), and whether networks run in batches.
ARRANGEMENTS: dict[str, tuple[int | None, bool]] = {
    'one process': (1, False),
    'one process, in batches': (1, True),
    'a process each': (None, False)}
ONE_PROCESS = 'one process'
_SIDES = range(64, 8193)  # px
_MOST_PEOPLE, _MOST_CAMERAS = 100, 64


@dataclass(frozen=True)
class Case:
    """People, cameras and image size of one measurement."""

    people: int | None  # in a montage; None = the video as it was filmed
    cameras: int = 1
    size: tuple[int, int] = (1280, 720)  # width, height in px
    arrangement: str = ONE_PROCESS  # one of ARRANGEMENTS

    def __post_init__(self) -> None:
        for name, value, most in (('people', self.people, _MOST_PEOPLE),
                                  ('cameras', self.cameras, _MOST_CAMERAS)):
            if value is not None and not 1 <= value <= most:
                raise InputError(f'{name} = {value} must be from 1 to {most}')
        if any(side not in _SIDES for side in self.size):
            raise InputError(f'size = {self.size_name} px must have sides from {_SIDES[0]} to '
                             f'{_SIDES[-1]}')
        if self.arrangement not in ARRANGEMENTS:
            raise InputError(f'arrangement = {self.arrangement!r} is unknown; choose one of '
                             f'{", ".join(ARRANGEMENTS)}')

    @property
    def size_name(self) -> str:
        """Size as text, such as 1280x720."""
        return '{}x{}'.format(*self.size)

    @property
    def footage(self) -> str:
        """Name of what the images show."""
        return 'as filmed' if self.people is None else f'montage of {self.people}'


def cases(people: Iterable[int | None], cameras: Iterable[int], sizes: Iterable[tuple[int, int]],
          compare_arrangements: bool = False) -> list[Case]:
    """Return all combinations; several cameras in each of ARRANGEMENTS if these are compared."""
    return [Case(p, c, size, arrangement)
            for size, c, p in itertools.product(sizes, cameras, people)
            for arrangement in (ARRANGEMENTS if compare_arrangements and c > 1 else [ONE_PROCESS])]
