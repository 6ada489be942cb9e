# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Points of the body whose depth is measured: joints, the middles of limbs, and the trunk.

Each is a mean of joints with shares; so is its keypoint, but for perspective. The middle of a limb
is on the body where a noisy keypoint at its end may be beside it, and the trunk is seldom hidden.

How far a point is behind the skin follows from the pose and the thickness of the body
(body_shape.py). Its standard deviation is that of rendered people of the training split, of
different girth, where noisy keypoints show nothing but the part itself.
"""

from __future__ import annotations

import numpy as np

from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17, SHARED_KEYPOINTS

_SIDES = ('left', 'right')
_LIMBS = {'upper_arm': ('shoulder', 'elbow'), 'forearm': ('elbow', 'wrist'),
          'thigh': ('hip', 'knee'), 'shin': ('knee', 'ankle')}
_HEIGHTS = (0.25, 0.5, 0.75)  # of points of the trunk, from the shoulders to the hips
_INWARDS = 0.25  # from one side to the other

# Of each part: radius of the part relative to the apparent size of a person (root mean square
# distance of the keypoints from their mean, a quarter of the height of someone who stands); how far
# it may be nearer or further than the part before it, metres; the standard deviation of the
# distance from the skin to the point, metres.
PARTS = {
    'shoulder': (0.12, 0.30, 0.028), 'hip': (0.14, 0.30, 0.031), 'trunk': (0.12, 0.25, 0.028),
    'nose': (0.12, 0.45, 0.060), 'elbow': (0.08, 0.38, 0.035), 'knee': (0.10, 0.50, 0.028),
    'wrist': (0.07, 0.34, 0.032), 'ankle': (0.08, 0.50, 0.030), 'upper_arm': (0.08, 0.25, 0.032),
    'forearm': (0.07, 0.25, 0.032), 'thigh': (0.12, 0.30, 0.028), 'shin': (0.09, 0.30, 0.028)}
BEFORE = {'elbow': 'shoulder', 'wrist': 'elbow', 'knee': 'hip', 'ankle': 'knee'}


def _named() -> dict[str, dict[str, float]]:
    """Return the shares of joints in each point, by its name."""
    shared = [COCO_17.names[keypoint] for keypoint in SHARED_KEYPOINTS]
    points = {name: {name: 1.0} for name in shared}
    for side, other in (_SIDES, _SIDES[::-1]):
        points |= {f'{side}_{part}': {f'{side}_{end}': 0.5 for end in ends}
                   for part, ends in _LIMBS.items()}
        points |= {f'{side}_trunk_{i}': {
            f'{which}_{end}': across * down
            for which, across in ((side, 1 - _INWARDS), (other, _INWARDS))
            for end, down in (('shoulder', 1 - height), ('hip', height))}
            for i, height in enumerate(_HEIGHTS)}
    return points


_POINTS = _named()
NAMES = tuple(_POINTS)
PART_OF = tuple(next(part for part in PARTS if part in name) for name in NAMES)


def shares_of(names: tuple[str, ...]) -> np.ndarray:
    """Return the shares (27, N), float32, of joints or keypoints with these names in each point."""
    return np.float32([[shares.get(name, 0.0) for name in names] for shares in _POINTS.values()])


JOINT_SHARES = shares_of(HUMAN36M_17.names)  # (27, 17)
KEYPOINT_SHARES = shares_of(COCO_17.names)  # (27, 17)
RADIUS, REACH, SIGMA = np.float32([PARTS[part] for part in PART_OF]).T  # (27,)


def select(*parts: str) -> list[int]:
    """Return the indices of the points that are one of the `parts`."""
    return [i for i, part in enumerate(PART_OF) if part in parts]


def ends_of(point: int) -> list[int]:
    """Return the indices of the joints that a point is a mean of."""
    return [NAMES.index(joint) for joint in _POINTS[NAMES[point]]]


def before(point: int) -> int:
    """Return the index of the joint before one in the body; -1 for those of the trunk."""
    part = PART_OF[point]
    return NAMES.index(NAMES[point].replace(part, BEFORE[part])) if part in BEFORE else -1
