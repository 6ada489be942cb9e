# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Conversion of skeletons to messages of pose_machine_msgs."""

from __future__ import annotations

import numpy as np
from rclpy.duration import Duration
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

from pose_machine_msgs.msg import Joint3D, Skeleton3D, Skeleton3DArray, SkeletonModel
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, HUMAN36M_17


def model_message() -> SkeletonModel:
    """Return names and parents of the joints, in the order of the joints of every skeleton."""
    return SkeletonModel(name=HUMAN36M_17.name, joint_names=list(HUMAN36M_17.names),
                         parents=list(HUMAN36M_17.parents))


def skeletons_message(skeletons: list[Skeleton], header: Header, width: int, height: int,
                      latency_ns: int) -> Skeleton3DArray:
    """Return the message for an image of `width` x `height` px with this `header`."""
    return Skeleton3DArray(
        header=header, model=HUMAN36M_17.name,
        skeletons=[_skeleton(s, width, height) for s in skeletons],
        latency=Duration(nanoseconds=latency_ns).to_msg())


def _skeleton(skeleton: Skeleton, width: int, height: int) -> Skeleton3D:
    return Skeleton3D(
        id=skeleton.id, tracking_state=int(skeleton.state), score=float(skeleton.score),
        roi=_region(skeleton.box, width, height), space=int(skeleton.space),
        joints=_joints(skeleton), reprojection_error=float(skeleton.reprojection_px),
        correction=float(skeleton.correction_m))


def _joints(skeleton: Skeleton) -> list[Joint3D]:
    """Return all joints; one without a supporting keypoint has NaN coordinates and score 0.

    This is called for each person in each frame. Therefore the arrays are converted as a whole, and
    points are filled in place: a constructor makes a default of each field first.
    """
    known = (skeleton.joint_scores > 0) & np.isfinite(skeleton.xyz).all(-1)
    rows = np.concatenate((
        np.where(known[:, None], np.concatenate((skeleton.xyz, skeleton.velocity), 1), np.nan),
        np.where(known, skeleton.joint_scores, 0)[:, None],
        convert_keypoints(skeleton.keypoints, COCO_17, HUMAN36M_17)[:, :2]), 1).tolist()
    covariances = np.full((len(HUMAN36M_17), 9), np.nan)
    covariances[known] = skeleton.covariance.reshape(-1, 9)[known]
    joints = []
    for (x, y, z, vx, vy, vz, score, u, v), covariance in zip(rows, covariances):
        joint = Joint3D(position_covariance=covariance)
        position, velocity = joint.position, joint.velocity
        position.x, position.y, position.z = x, y, z
        velocity.x, velocity.y, velocity.z = vx, vy, vz
        joint.score, joint.u, joint.v = score, u, v
        joints.append(joint)
    return joints


def _region(box: np.ndarray, width: int, height: int) -> RegionOfInterest:
    """Return the part of a bounding box (left, top, right, bottom in px) inside the image."""
    if not np.isfinite(box).all():
        return RegionOfInterest()
    left, right = (int(round(x)) for x in np.clip(box[[0, 2]], 0, width))
    top, bottom = (int(round(y)) for y in np.clip(box[[1, 3]], 0, height))
    return RegionOfInterest(x_offset=left, y_offset=top, width=max(right - left, 0),
                            height=max(bottom - top, 0))
