# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Re-detection: which of the people whom a search found are tracked already."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pose_machine_ros.tracking.assignment import assign
from pose_machine_ros.tracking.association import associate
from pose_machine_ros.tracking.bounding_box import apparent_height, bounding_box

# How far people may be from where they are expected, in their apparent heights: they may jump or
# fall, and fast motion blurs the keypoints that the expectation comes from.
_MIN_REACH = 0.25
_SPEED = 4.0  # 1/s: 7 m/s for an adult, the speed at the end of a fall of 2.5 m
_MAX_REACH = 2.0
_MAX_RATIO = 2.0  # of apparent heights: those of a crouching person and of one who stretches


class ExpectedPeople(NamedTuple):
    """N tracked people, where they are expected in a frame."""

    ids: list[str]
    keypoints: list[np.ndarray]  # (17, 3) each
    unseen: np.ndarray  # (N,), seconds since each was seen


def redetect(in_sight: ExpectedPeople, unseen: ExpectedPeople, found: list[np.ndarray]
             ) -> tuple[dict[str, np.ndarray], list[np.ndarray]]:
    """Return the keypoints (17, 3) found of tracked people, by id, and those of new people.

    People `in_sight` until this frame come first. The others are recognised by pose and place, and
    the rest of them by the place alone: in a jump, the pose changes as well.
    """
    tracked: dict[str, np.ndarray] = {}
    for people, match in ((in_sight, associate), (unseen, associate), (unseen, associate_places)):
        left = [i for i, identity in enumerate(people.ids) if identity not in tracked]
        pairs = match([people.keypoints[i] for i in left], people.unseen[left], found)
        tracked |= {people.ids[left[i]]: found[j] for i, j in pairs}
        known = {j for _, j in pairs}
        found = [k for j, k in enumerate(found) if j not in known]
    return tracked, found


def associate_places(expected: list[np.ndarray], unseen: np.ndarray, seen: list[np.ndarray]
                     ) -> list[tuple[int, int]]:
    """Return pairs (i, j) of people expected and people seen, as near each other as possible.

    The arguments are those of `associate`. Poses do not count. The distance between the middles of
    two people in a pair is one that a person can move in the seconds `unseen`.
    """
    if not expected or not seen:
        return []
    middles, others = (np.stack([bounding_box(k).reshape(2, 2).mean(0) for k in people])
                       for people in (expected, seen))
    heights, other_heights = (np.array([apparent_height(k) for k in people]).clip(1)
                              for people in (expected, seen))
    reach = heights * np.minimum(_MIN_REACH + _SPEED * unseen, _MAX_REACH)
    away = np.linalg.norm(middles[:, None] - others[None], axis=-1)
    nearness = (1 - away / reach[:, None]).clip(0)
    ratio = np.abs(np.log(other_heights[None] / heights[:, None]))
    nearness[ratio > np.log(_MAX_RATIO)] = 0
    return [pair for pair in assign(nearness) if nearness[pair] > 0]
