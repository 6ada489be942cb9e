# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""People in 2D."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.keypoints2d import crops
from pose_machine_ros.skeleton import COCO_17


def leaning_person(lean: float = 0.0) -> np.ndarray:
    """Return a standing person, turned clockwise by `lean` radians about (300, 200)."""
    height = {'nose': -90, 'eye': -95, 'ear': -92, 'shoulder': -60, 'elbow': -30, 'wrist': 0,
              'hip': 0, 'knee': 45, 'ankle': 90}
    points = np.array([[20 if 'left' in n else -20, height[n.rpartition('_')[2]]]
                       for n in COCO_17.names], float)
    return np.column_stack((points @ crops.axes(lean).T + (300, 200), np.ones(len(points))))
