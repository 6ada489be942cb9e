# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""People as messages of REP-155 (ROS4HRI); needs hri_msgs, an optional dependency."""

from __future__ import annotations

import numpy as np
from std_msgs.msg import Header

from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import COCO_17, COCO_18, convert_keypoints

try:
    from hri_msgs.msg import NormalizedPointOfInterest2D, NormalizedRegionOfInterest2D, Skeleton2D
except ImportError:  # output/humans.py publishes nothing then
    Skeleton2D = None


def region_message(skeleton: Skeleton, header: Header, width: int,
                   height: int) -> NormalizedRegionOfInterest2D:
    """Return the bounding box of a person in an image of `width` x `height` px."""
    (left, top), (right, bottom) = _normalized(skeleton.box.reshape(2, 2), width, height).tolist()
    return NormalizedRegionOfInterest2D(
        header=header, xmin=left, ymin=top, xmax=right, ymax=bottom, c=float(skeleton.score))


def skeleton_message(skeleton: Skeleton, header: Header, width: int, height: int) -> Skeleton2D:
    """Return the keypoints of a person in an image of `width` x `height` px.

    An unseen keypoint is at (0, 0) with a confidence of 0.
    """
    points = [NormalizedPointOfInterest2D() for _ in range(len(COCO_18))]
    keypoints = convert_keypoints(skeleton.keypoints, COCO_17, COCO_18)
    places = _normalized(keypoints[:, :2], width, height)
    for name, (x, y), score in zip(COCO_18.names, places.tolist(), keypoints[:, 2].tolist()):
        if score > 0 and np.isfinite((x, y)).all():
            points[getattr(Skeleton2D, name.upper())] = NormalizedPointOfInterest2D(
                x=x, y=y, c=score)
    return Skeleton2D(header=header, skeleton=points)


def _normalized(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return pixels (*, 2) in [0, 1] from the left and upper edge to the right and lower one."""
    return np.clip((pixels + 0.5) / (width, height), 0, 1)
