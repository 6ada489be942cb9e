# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which cameras have a clock, or a latency, that disagrees with the others."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_WINDOW = 10  # views of a camera; the least delayed one counts
_FIX = ('if a clock is wrong, synchronise the clocks (chrony, PTP), or set time_offset in the '
        'extrinsics file; if results come late, make that pose node or its network faster')


@dataclass(frozen=True)
class ClockReport:
    """The cameras that are left out, and what to tell the user about them."""

    left_out: frozenset[str] = frozenset()
    complaints: dict[str, str] = field(default_factory=dict)  # by camera


class ClockCheck:
    """Compares the offsets of cameras: the stamp of a view minus the time of its receipt.

    The largest group of cameras that agree is right; of equally large groups, the one nearest to
    the receiver's clock. The other cameras are left out until they agree. A clock that is behind
    cannot be told from a latency that is always higher.
    """

    def __init__(self, tolerance: float, max_age: float) -> None:
        """Offsets that differ by up to `tolerance` seconds agree.

        A camera from which nothing was received for `max_age` seconds has no say.
        """
        self._tolerance = tolerance
        self._max_age = max_age
        self._offsets: dict[str, deque[float]] = {}  # seconds
        self._heard: dict[str, float] = {}  # seconds

    def add(self, camera: str, offset: float, now: float) -> None:
        """Take the offset of a new view, seconds, received at the steady time `now`."""
        self._offsets.setdefault(camera, deque(maxlen=_WINDOW)).append(offset)
        self._heard[camera] = now

    def forget(self, camera: str) -> None:
        """Forget a camera, for instance since its stamps jumped."""
        self._offsets.pop(camera, None)
        self._heard.pop(camera, None)

    def report(self, now: float) -> ClockReport:
        """Return which cameras disagree at the steady time `now`."""
        # A view that is delayed has a lower offset, so the highest one tells the clock.
        offsets = {name: max(values) for name, values in self._offsets.items()
                   if now - self._heard[name] <= self._max_age}
        groups = [frozenset(name for name, offset in offsets.items()
                            if abs(offset - centre) <= self._tolerance)
                  for centre in offsets.values()]
        if len(set(groups)) < 2:
            return ClockReport()
        centres = dict(zip(groups, offsets.values()))
        right = max(groups, key=lambda group: (len(group), -abs(centres[group])))
        wrong = frozenset(offsets) - right
        if not wrong:
            return ClockReport()
        if len(right) > len(wrong):
            return ClockReport(wrong, {
                name: _of_one(name, offsets[name] - _middle(offsets, right)) for name in wrong})
        text = _of_a_tie(right, wrong, max(
            abs(offsets[a] - offsets[b]) for a in wrong for b in right))
        return ClockReport(wrong, dict.fromkeys(offsets, text))


def _middle(offsets: dict[str, float], names: frozenset[str]) -> float:
    values = sorted(offsets[name] for name in names)
    return values[len(values) // 2]


def _of_one(name: str, ahead: float) -> str:
    where = f'{abs(ahead):.1f} s {"ahead of" if ahead > 0 else "behind"} the others'
    return (f'camera {name} is {where}, by its clock or by its latency, so it is left out: '
            f'{_FIX}')


def _of_a_tie(right: frozenset[str], wrong: frozenset[str], difference: float) -> str:
    everyone, left_out = (' and '.join(sorted(names)) for names in (right | wrong, wrong))
    verb = 'is' if len(wrong) == 1 else 'are'
    return (f'the clocks, or the latencies, of cameras {everyone} differ by {difference:.1f} s; '
            f'{left_out} {verb} further from the clock of this host and left out: {_FIX}')
