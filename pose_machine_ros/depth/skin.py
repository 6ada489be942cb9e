# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How far joints are behind the skin that a depth camera sees, by part of the body.

The values are fitted to the surfaces of captured people (synthesis/body_surface.py), as
`sampling.py` samples them at noisy keypoints: the mean and the standard deviation over people,
postures and views. The surfaces have the thickness of the tables of body measurements; loose
clothes make the standard deviations larger, so those are at least 25 mm.
"""

from __future__ import annotations

import numpy as np

from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_JOINTS

# Metres, of an adult of nominal height: distance along the ray, and its standard deviation.
_DEPTHS = {
    'hip': (0.085, 0.035), 'knee': (0.045, 0.025), 'ankle': (0.030, 0.025), 'nose': (0.015, 0.030),
    'shoulder': (0.060, 0.030), 'elbow': (0.035, 0.025), 'wrist': (0.025, 0.025)}
_PARTS = [HUMAN36M_17.names[joint].rpartition('_')[2] for joint in SHARED_JOINTS]
SKIN_DEPTH, SKIN_SIGMA = np.float32([_DEPTHS[part] for part in _PARTS]).T  # (13,)
