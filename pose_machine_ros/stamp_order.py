# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Order of frames by their stamps: the next frame, a late one, or the first of another stream."""

from __future__ import annotations

from pose_machine_ros.errors import InputError, LateFrameError


class StampOrder:
    """The stamps of one stream of frames, nanoseconds.

    For each frame, ask `starts_new_stream`, call `reset` if it does, and then `accept`, which
    refuses late frames. Refused frames whose stamps rise by more than `max_gap` in total are a
    stream of their own: a short recording that is played in a loop, or a clock that was set back.
    So a stream with rising stamps is never refused permanently.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all frames."""
        self._newest_ns: int | None = None  # of the accepted frames
        self._refused_ns: int | None = None  # the last stamp refused after that
        self._risen_ns = 0  # sum of the steps forward between refused stamps

    def starts_new_stream(self, stamp_ns: int, max_gap: float) -> bool:
        """Return whether a frame does not continue the stream of the frames before it.

        That is the case if its stamp is more than `max_gap` seconds after the newest one, or at
        least `max_gap` before it, or if it is one of a stream of late frames.
        """
        if self._newest_ns is None:
            return False
        limit, behind = round(max_gap * 1e9), self._newest_ns - stamp_ns
        if behind < 0:
            return -behind > limit
        return behind >= limit or self._rise_with(stamp_ns) > limit

    def accept(self, stamp_ns: int) -> None:
        """Make a frame the newest one, or refuse it.

        Raises LateFrameError if its stamp is before the newest one, and InputError if they are
        equal.
        """
        if self._newest_ns is not None and stamp_ns <= self._newest_ns:
            self._risen_ns = self._rise_with(stamp_ns)
            self._refused_ns = stamp_ns
            if stamp_ns == self._newest_ns:
                raise InputError(f'stamp {stamp_ns} ns is that of the frame before: the same '
                                 'frame, or a clock that stands still')
            raise late_frame(stamp_ns, self._newest_ns)
        self._newest_ns, self._refused_ns, self._risen_ns = stamp_ns, None, 0

    def _rise_with(self, stamp_ns: int) -> int:
        """Return the sum of the steps forward between refused stamps if this is one more."""
        if self._refused_ns is None:
            return self._risen_ns
        return self._risen_ns + max(0, stamp_ns - self._refused_ns)


def late_frame(stamp_ns: int, newest_ns: int) -> LateFrameError:
    """Return the error for a frame that is older than the newest one."""
    return LateFrameError(
        f'stamp {stamp_ns} ns is {(newest_ns - stamp_ns) * 1e-9:.3f} s before that of the image '
        'before: the image comes late, and is not used. Give images oldest first')
