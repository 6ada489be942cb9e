# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Conversion of skeletons to messages of pose_machine_msgs."""

from __future__ import annotations

from geometry_msgs.msg import Point, Vector3
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
    keypoints = convert_keypoints(skeleton.keypoints, COCO_17, HUMAN36M_17)
    return Skeleton3D(
        id=skeleton.id, tracking_state=int(skeleton.state), score=float(skeleton.score),
        roi=_region(skeleton.box, width, height), space=int(skeleton.space),
        joints=[_joint(skeleton, i, keypoints[i]) for i in range(len(HUMAN36M_17))],
        reprojection_error=float(skeleton.reprojection_px),
        correction=float(skeleton.correction_m))


def _joint(skeleton: Skeleton, index: int, keypoint: np.ndarray) -> Joint3D:
    """Return a joint; one without a supporting keypoint has NaN coordinates and score 0."""
    u, v = keypoint[:2].tolist()
    xyz = skeleton.xyz[index].tolist()
    score = float(skeleton.joint_scores[index])
    if not score > 0 or not np.isfinite(xyz).all():
        nan = float('nan')
        return Joint3D(position=Point(x=nan, y=nan, z=nan),
                       velocity=Vector3(x=nan, y=nan, z=nan), score=0.0,
                       position_covariance=np.full(9, nan), u=u, v=v)
    x, y, z = xyz
    vx, vy, vz = skeleton.velocity[index].tolist()
    return Joint3D(position=Point(x=x, y=y, z=z), velocity=Vector3(x=vx, y=vy, z=vz), score=score,
                   position_covariance=skeleton.covariance[index].ravel().astype(np.float64),
                   u=u, v=v)


def _region(box: np.ndarray, width: int, height: int) -> RegionOfInterest:
    """Return the part of a bounding box (left, top, right, bottom in px) inside the image."""
    if not np.isfinite(box).all():
        return RegionOfInterest()
    left, right = (int(round(x)) for x in np.clip(box[[0, 2]], 0, width))
    top, bottom = (int(round(y)) for y in np.clip(box[[1, 3]], 0, height))
    return RegionOfInterest(x_offset=left, y_offset=top, width=max(right - left, 0),
                            height=max(bottom - top, 0))
