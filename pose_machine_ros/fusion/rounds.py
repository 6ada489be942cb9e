# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Views of several cameras, collected into rounds."""

from __future__ import annotations

from collections import deque
from statistics import median

from pose_machine_ros.errors import InputError
from pose_machine_ros.fusion.clock_check import ClockCheck, ClockReport
from pose_machine_ros.fusion.view import View
from pose_machine_ros.stamp_order import StampOrder

WAIT = 0.02  # seconds
MAX_GAP = 0.5  # seconds
CLOCK_TOLERANCE = 0.25  # seconds
_INTERVALS = 5  # whose median is the period of a camera


class Rounds:
    """Collects views of cameras that are not synchronised, at most one of each camera a round.

    The newest stamp of a round is after that of the round before; views that are not newer are
    added to the next round. A round begins with its first newer view. It ends when no other camera
    is expected within `wait` seconds from then, when a camera delivers its second view, and after
    `wait` seconds. A camera from which nothing was received for `max_gap` seconds is not expected.

    A view that is older than the last one of its camera is dropped and counted. If its stamp jumps
    by `max_gap` or more, the camera starts anew. A view that is `max_gap` or more before the last
    round starts a new stream if no other camera is still in the old one; otherwise it was held up,
    and is dropped and counted. Cameras whose clock disagrees with the others are left out.

    All times are seconds of a steady clock, which the caller reads.
    """

    def __init__(self, wait: float = WAIT, max_gap: float = MAX_GAP) -> None:
        self.max_gap = max_gap
        self.late = 0  # views dropped because newer ones came before
        self._wait = wait
        self._clocks = ClockCheck(CLOCK_TOLERANCE, max_gap)
        self._cameras: dict[str, _Arrivals] = {}
        self._views: dict[str, View] = {}  # for the open round
        self._began: float | None = None  # None until one of them is newer than the last round
        self._newest_ns: int | None = None  # stamp of the last round

    @property
    def due(self) -> float | None:
        """Return when the open round ends without further views; None if there is none."""
        return None if self._began is None else self._began + self._wait

    def add(self, view: View, offset: float, now: float) -> list[list[View]]:
        """Take a view that was received at `now`; return the rounds that it completes, in order.

        `offset` is its stamp minus the time of its receipt by the receiver's clock, seconds.
        """
        camera = self._cameras.setdefault(view.camera, _Arrivals())
        if camera.order.starts_new_stream(view.stamp_ns, self.max_gap):
            camera = self._cameras[view.camera] = _Arrivals()
            self._clocks.forget(view.camera)
            self._remove({view.camera})
        try:
            camera.order.accept(view.stamp_ns)
        except InputError:
            self.late += 1
            return []
        camera.arrive(view.stamp_ns, now)
        self._clocks.add(view.camera, offset, now)
        left_out = self._clocks.report(now).left_out
        self._remove(left_out)
        if view.camera in left_out:
            return []
        if self._is_held_up(view, now, left_out):
            self.late += 1
            return []
        rounds = []
        if self._began is not None and self._has_delivered(view.camera, before=now):
            rounds.append(self._end())
        self._views[view.camera] = view
        if self._began is None and self._is_newer(view):
            self._began = now
        if self._began is not None and not self._is_waiting(now, left_out):
            rounds.append(self._end())
        return rounds

    def expire(self, now: float) -> list[View]:
        """Return the open round if it is due at `now`, else no views."""
        due = self.due
        return self._end() if due is not None and now >= due else []

    def clocks(self, now: float) -> ClockReport:
        """Return which cameras disagree about the time at `now`."""
        return self._clocks.report(now)

    def reset(self) -> None:
        """Forget all cameras; the count of late views stays."""
        for camera in self._cameras:
            self._clocks.forget(camera)
        self._cameras.clear()
        self._views.clear()
        self._began = self._newest_ns = None

    def _is_newer(self, view: View) -> bool:
        """Return whether a view is after the last round, or starts a new stream."""
        return self._newest_ns is None or view.stamp_ns > self._newest_ns \
            or self._is_long_before(self._newest_ns, view)

    def _is_held_up(self, view: View, now: float, left_out: frozenset[str]) -> bool:
        """Return whether a view is long before the last round, and another camera is not."""
        return self._newest_ns is not None and self._is_long_before(self._newest_ns, view) and any(
            now - camera.heard <= self.max_gap and self._is_long_before(camera.stamp_ns, view)
            for name, camera in self._cameras.items() if name not in {view.camera} | left_out)

    def _is_long_before(self, stamp_ns: int, view: View) -> bool:
        return stamp_ns - view.stamp_ns >= self.max_gap * 1e9

    def _has_delivered(self, name: str, before: float) -> bool:
        """Return whether a camera has delivered since the round began, and before a time."""
        previous = self._cameras[name].previous(before)
        return name in self._views and previous is not None and previous >= self._began

    def _is_waiting(self, now: float, left_out: frozenset[str]) -> bool:
        """Return whether another camera is expected before the open round is due."""
        return any(
            camera.heard < self._began and now - camera.heard <= self.max_gap
            and camera.expected <= self._began + self._wait
            for name, camera in self._cameras.items() if name not in left_out)

    def _remove(self, cameras: frozenset[str] | set[str]) -> None:
        for name in cameras & self._views.keys():
            del self._views[name]
        if not any(map(self._is_newer, self._views.values())):
            self._began = None

    def _end(self) -> list[View]:
        views = list(self._views.values())
        self._newest_ns = max(view.stamp_ns for view in views)
        self._views.clear()
        self._began = None
        return views


class _Arrivals:
    """Stamps and times of receipt of the views of one camera."""

    def __init__(self) -> None:
        self.order = StampOrder()
        self.stamp_ns = 0  # of the newest view
        self._heard: deque[float] = deque(maxlen=_INTERVALS + 1)

    def arrive(self, stamp_ns: int, now: float) -> None:
        self.stamp_ns = stamp_ns
        self._heard.append(now)

    @property
    def heard(self) -> float:
        """Time of the newest view; -inf before the first one."""
        return self._heard[-1] if self._heard else float('-inf')

    @property
    def expected(self) -> float:
        """Time at which the next view is expected; in the past if the period is not known."""
        times = list(self._heard)
        if len(times) < 2:
            return self.heard
        return times[-1] + median(b - a for a, b in zip(times, times[1:]))

    def previous(self, before: float) -> float | None:
        """Return the time of the newest view received before a time."""
        return next((time for time in reversed(self._heard) if time < before), None)
