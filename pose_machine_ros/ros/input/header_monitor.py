# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Warnings about headers that do not continue those of earlier images."""

from __future__ import annotations

import time

from rclpy.impl.rcutils_logger import RcutilsLogger

_PERIOD = 5.0  # seconds between two warnings of the same kind


class HeaderMonitor:
    """Compares the headers of processed images and logs why tracking is reset."""

    def __init__(self, logger: RcutilsLogger) -> None:
        self._logger = logger
        self._frame_id: str | None = None
        self.expect_gap()

    def expect_gap(self) -> None:
        """Accept any stamp of the next image, for instance after a pause of the node."""
        self._stamp_ns: int | None = None
        self._arrival = 0.0  # monotonic seconds; of the image with this stamp

    def has_new_frame_id(self, frame_id: str) -> bool:
        """Return whether the next image comes from another camera than the last one."""
        last, self._frame_id = self._frame_id, frame_id
        if last is None or frame_id == last:
            return False
        self.expect_gap()
        self._logger.warning(
            f'frame_id changed from {last!r} to {frame_id!r}: tracking is reset. Start one '
            'node for each camera', throttle_duration_sec=_PERIOD)
        return True

    def check_stamp(self, stamp_ns: int, max_gap: float) -> None:
        """Warn if the stamp of a processed image jumps; `max_gap` in seconds.

        Late images are not processed, so a stamp that goes back means that the machine was reset.
        """
        last, self._stamp_ns = self._stamp_ns, stamp_ns
        last_arrival, self._arrival = self._arrival, time.monotonic()
        step = 0.0 if last is None else (stamp_ns - last) * 1e-9
        elapsed = self._arrival - last_arrival
        # Each of the three is throttled on its own, so that none hides another.
        if step < 0:
            self._logger.warning(
                f'the stamp is {-step:.3f} s before that of the previous image: tracking is '
                'reset. This is normal where a bag starts again. Otherwise look for a second '
                'camera on this topic, or for a clock that was set',
                throttle_duration_sec=_PERIOD)
        elif step > max_gap and elapsed < step / 2:
            self._logger.warning(
                f'the stamp is {step:.3f} s after that of the previous image: tracking is reset. '
                f'Only {elapsed:.3f} s have passed since: look for a clock that was set, or raise '
                f'max_gap ({max_gap} s) if a bag is played fast', throttle_duration_sec=_PERIOD)
        elif step > max_gap:
            self._logger.warning(
                f'the stamp is {step:.3f} s after that of the previous image: tracking is reset. '
                f'This is normal after a pause. Otherwise raise max_gap ({max_gap} s) if images '
                'are that rare', throttle_duration_sec=_PERIOD)
