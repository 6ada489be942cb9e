# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which recurrent states of a person are used, and when they are reset.

An error in the recurrent state stays there until the keypoints contradict it. So in addition to
the long state, which is kept from the first frame on, there are two short states that are reset in
turn. The result is the mean of the results of the long state and of the older short one.
"""

from __future__ import annotations

KINDS = 3  # the long state, and two short ones
_FRAMES = 8  # a short state is used from this age on, until it is twice as old


class ShortStates:
    """The ages of the short states of one person."""

    def __init__(self) -> None:
        self._ages = [0] * (KINDS - 1)  # frames since the reset of each short state

    def next_frame(self) -> tuple[list[float], list[float]]:
        """Count a frame; return two lists with a number for each of the KINDS of states.

        The first is the share of the state in the result of this frame. The second is 0 for a state
        that is reset after it, and 1 for the others: the older short state is reset if the other
        one is old enough.
        """
        self._ages = [age + 1 for age in self._ages]
        older = max(range(len(self._ages)), key=self._ages.__getitem__)
        shares, keep = [0.5] + [0.0] * (KINDS - 1), [1.0] * KINDS
        shares[1 + older] = 0.5
        if self._ages[1 - older] % _FRAMES == 0:
            self._ages[older] = 0
            keep[1 + older] = 0.0
        return shares, keep
