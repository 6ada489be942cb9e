# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which frame is next, late, or the first of another stream, by the stamps alone."""

from __future__ import annotations

from pose_machine_ros.errors import InputError, LateFrameError


class StampOrder:
    """The stamps of one stream of frames, nanoseconds.

    Ask `begins_anew` about every frame, and tell `accept` of each that is used. A few frames that
    come late are refused. Refused frames that rise by more than `max_gap` among themselves are a
    stream of their own: a short recording that is played in a loop, or a clock that was set back.
    So no stream whose stamps move is refused for ever.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all frames."""
        self._newest_ns: int | None = None  # of the frames that were accepted
        self._refused_ns: int | None = None  # the last stamp refused since then
        self._risen_ns = 0  # sum of the steps forward between refused ones

    def begins_anew(self, stamp_ns: int, max_gap: float) -> bool:
        """Return whether a frame has no connection with those before it.

        That is so for a stamp which is more than `max_gap` seconds ahead of the newest one or at
        least `max_gap` behind it, and for a stream of late frames. Raises LateFrameError for a
        stamp that is behind by less, and InputError for one that equals the newest.
        """
        if self._newest_ns is None:
            return False
        limit, behind = round(max_gap * 1e9), self._newest_ns - stamp_ns
        if behind < 0:
            return -behind > limit
        if behind >= limit:
            return True
        if self._refused_ns is not None:
            self._risen_ns += max(0, stamp_ns - self._refused_ns)
        self._refused_ns = stamp_ns
        if self._risen_ns > limit:
            return True
        if behind == 0:
            raise InputError(f'stamp {stamp_ns} ns is that of the frame before: the same frame, or '
                             'a clock that stands still')
        raise late_frame(stamp_ns, self._newest_ns)

    def accept(self, stamp_ns: int) -> None:
        """Take a frame that is used for the newest one."""
        self._newest_ns, self._refused_ns, self._risen_ns = stamp_ns, None, 0


def late_frame(stamp_ns: int, newest_ns: int) -> LateFrameError:
    """Return the error for a frame that is older than the newest one."""
    return LateFrameError(
        f'stamp {stamp_ns} ns is {(newest_ns - stamp_ns) * 1e-9:.3f} s before that of the image '
        'before: the image comes late, and is not used. Give images oldest first')
