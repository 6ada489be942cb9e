# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Searches for new people, and who runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from pose_machine_ros.tracking.keypoint_network import UploadedFrame
from pose_machine_ros.tracking.multi_scale import DetectionPass, MultiScaleDetector
from pose_machine_ros.tracking.redetection import ExpectedPeople, redetect


@dataclass(frozen=True)
class Search:
    """What the detector found in one frame: rough keypoints (17, 3), px of the frame."""

    stamp_ns: int  # of the frame
    passes: list[DetectionPass]
    found: list[np.ndarray]  # of people who were not tracked
    tracked: dict[str, np.ndarray] = field(default_factory=dict)  # of the others, by id


def run_search(detector: MultiScaleDetector, frame: UploadedFrame, sizes: list[int], count: int,
               rotation: int, in_sight: ExpectedPeople, unseen: ExpectedPeople,
               passes: list[DetectionPass], stamp_ns: int) -> Search:
    """Search a frame for people; see `redetect`. Any thread may call this."""
    found = detector.detect(frame, sizes, count, rotation)
    tracked, new = redetect(in_sight, unseen, found)
    return Search(stamp_ns, passes, new, tracked)


class Searcher(Protocol):
    """Runs one search at a time."""

    in_background: bool  # whether frames go on during a search

    def is_free(self, followed: bool, share: float) -> bool:
        """Return whether a search may start, if searches may take `share` of the time.

        `followed` is whether anybody is tracked.
        """

    def start(self, search: Callable[[], Search], followed: bool) -> None:
        """Start a search; if nobody is `followed`, it has ended when this returns."""

    def result(self) -> Search | None:
        """Return a search that has ended, once, or None; raises the error of one that failed."""

    def reset(self) -> None:
        """Discard the result of the current search."""

    def close(self) -> bool:
        """End what runs in the background; return whether it has ended in time."""


class InlineSearcher:
    """Searches in the frame itself, so that results do not depend on the speed of the machine."""

    in_background = False

    def __init__(self) -> None:
        self._ended: Search | None = None

    def is_free(self, followed: bool, share: float) -> bool:
        """Return True."""
        return True

    def start(self, search: Callable[[], Search], followed: bool) -> None:
        """Run the search."""
        self._ended = search()

    def result(self) -> Search | None:
        """Return the search of this frame, or None."""
        ended, self._ended = self._ended, None
        return ended

    def reset(self) -> None:
        """Discard the result, if there is one."""
        self._ended = None

    def close(self) -> bool:
        """Return True."""
        return True
