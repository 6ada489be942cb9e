# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The thickness of a nominal adult: spheres around the bones of a pose.

The radii are half of the depth of each part in tables of body measurements (ANSUR II; Winter,
Biomechanics and Motor Control of Human Movement, 4th edition, chapter 4), with light clothes.
"""

from __future__ import annotations

import numpy as np

from pose_machine_ros.skeleton import HUMAN36M_17

# Ends as shares of joints, number of spheres, radii at both ends in metres.
_LIMBS = (('hip', 'knee', 5, 0.095, 0.060), ('knee', 'ankle', 5, 0.060, 0.042),
          ('shoulder', 'elbow', 5, 0.056, 0.044), ('elbow', 'wrist', 5, 0.044, 0.030),
          ('hip', 'shoulder', 5, 0.100, 0.085))
_TRUNK = (({'left_hip': 1}, {'right_hip': 1}, 3, 0.105, 0.105),
          ({'left_shoulder': 1}, {'right_shoulder': 1}, 5, 0.066, 0.066),
          ({'pelvis': 1}, {'thorax': 1}, 5, 0.110, 0.100),
          ({'thorax': 0.8, 'head_top': 0.2}, {'thorax': 0.5, 'head_top': 0.5}, 2, 0.060, 0.060),
          ({'thorax': 0.4, 'head_top': 0.6}, {'thorax': 0.2, 'head_top': 0.8}, 2, 0.088, 0.088),
          ({'thorax': 0.35, 'head_top': 0.65}, {'nose': 1}, 3, 0.075, 0.018))


def _spheres() -> tuple[np.ndarray, np.ndarray]:
    parts = [({f'{side}_{first}': 1}, {f'{side}_{last}': 1}, *numbers)
             for side in ('left', 'right') for first, last, *numbers in _LIMBS]
    shares, radii = [], []
    for first, last, count, thick, thin in (*parts, *_TRUNK):
        ends = np.array([[end.get(name, 0) for name in HUMAN36M_17.names]
                         for end in (first, last)], float)
        at = np.linspace(0, 1, count)[:, None]
        shares.append((1 - at) * ends[0] + at * ends[1])
        radii.append(thick + at[:, 0] * (thin - thick))
    return np.concatenate(shares).astype(np.float32), np.concatenate(radii).astype(np.float32)


CENTERS, RADII = _spheres()  # (S, 17) shares of the joints in the centres; (S,) metres
