# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is said where one image does not continue those before it."""

from __future__ import annotations

import time

from rclpy.impl.rcutils_logger import RcutilsLogger

_PERIOD = 5.0  # seconds between two lines of the same kind


class Continuity:
    """Compares the headers of the images that are used, and logs where everybody is forgotten."""

    def __init__(self, logger: RcutilsLogger) -> None:
        self._logger = logger
        self.forget()

    def forget(self) -> None:
        """Expect nothing of the next image."""
        self._frame_id: str | None = None
        self.pause()

    def pause(self) -> None:
        """Expect nothing of the next stamp."""
        self._stamp_ns: int | None = None
        self._arrival = 0.0  # monotonic seconds; of the image with this stamp

    def is_broken_by(self, frame_id: str) -> bool:
        """Return whether another camera than before took the image that comes next."""
        last, self._frame_id = self._frame_id, frame_id
        if last is None or frame_id == last:
            return False
        self.pause()
        self._logger.warning(
            f'frame_id was {last!r} and is {frame_id!r} now: beginning anew. Give each camera a '
            'node of its own', throttle_duration_sec=_PERIOD)
        return True

    def go_on(self, stamp_ns: int, max_gap: float) -> None:
        """Take note of an image that was used.

        Those that are late are not used; so where the stamp went back, the machine began anew.
        """
        last, self._stamp_ns = self._stamp_ns, stamp_ns
        before, self._arrival = self._arrival, time.monotonic()
        ahead, passed = 0.0 if last is None else (stamp_ns - last) * 1e-9, self._arrival - before
        # Each of the three is throttled by itself: one does not hide another.
        if ahead < 0:
            self._logger.warning(
                f'the stamp is {-ahead:.3f} s before that of the image before: beginning anew. '
                'That is right where a bag begins again; else look for a second camera on this '
                'topic, or a clock that was set', throttle_duration_sec=_PERIOD)
        elif ahead > max_gap and passed < ahead / 2:
            self._logger.warning(
                f'the stamp is {ahead:.3f} s after that of the image before: beginning anew. Only '
                f'{passed:.3f} s have passed since: look for a clock that was set, or raise '
                f'max_gap ({max_gap} s) where a bag is played fast', throttle_duration_sec=_PERIOD)
        elif ahead > max_gap:
            self._logger.warning(
                f'the stamp is {ahead:.3f} s after that of the image before: beginning anew. That '
                f'is right after a pause; else raise max_gap ({max_gap} s) where images come that '
                'seldom', throttle_duration_sec=_PERIOD)
