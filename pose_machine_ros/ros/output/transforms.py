# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Bodies and their joints on TF, with the frame names of REP-155."""

from __future__ import annotations

from dataclasses import dataclass

from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
import numpy as np
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from std_msgs.msg import Header

from pose_machine_ros.body_frame import body_frame, BodyFrame
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.ros.output.output import FrameResult, Output
from pose_machine_ros.settings import check, setting
from pose_machine_ros.skeleton import HUMAN36M_17

try:
    from tf2_msgs.msg import TFMessage
except ImportError:  # the Python wheels of ROS 2 do not include it
    TFMessage = None

_TF = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)  # as tf2's broadcaster
# Links of the human model in REP-155. It has none for spine and head_top.
_LINKS = {'pelvis': 'waist', 'thorax': 'torso', 'nose': 'head'}
JOINT_FRAMES = tuple(
    _LINKS.get(name) or name.replace('left_', 'l_').replace('right_', 'r_')
    for name in HUMAN36M_17.names)
_NO_FRAME_PERIOD = 30.0  # seconds between two warnings


@dataclass(frozen=True)
class TransformConfig:
    """Frames to broadcast."""

    bodies: bool = setting(
        True, 'Broadcast body_<id> of everyone seen on /tf, in target_frame or else in the frame '
        'of the image')
    joints: bool = setting(
        False, 'Broadcast the joints, such as l_wrist_<id>, in body_<id> as well')

    def __post_init__(self) -> None:
        check(self)


class TransformOutput(Output):
    """Broadcasts the frames of people on `/tf`."""

    def __init__(self, node: Node, config: TransformConfig) -> None:
        super().__init__(node)
        self.config = config
        self._stamp = Header().stamp  # of the newest transforms
        if TFMessage is not None:
            self._publisher = self._advertise(TFMessage, '/tf', _TF)
        elif config.bodies:
            node.get_logger().warning(
                'tf2_msgs is not installed: no body_<id> on /tf. Install it with your ROS '
                'distribution, or set tf.bodies to false')

    @property
    def has_subscribers(self) -> bool:
        """Whether bodies are broadcast and `/tf` has a subscriber other than this node."""
        if not self.config.bodies or not self.publishers:
            return False
        own = sum(s.topic_name == self._publisher.topic_name for s in self._node.subscriptions)
        return self._publisher.get_subscription_count() > own

    def publish(self, result: FrameResult) -> None:
        """Broadcast the frames of all people who are seen, if `/tf` has a subscriber."""
        header = result.people_header
        # tf2 accepts one transform per frame and stamp, and warns about repeated ones. All images
        # without a stamp have the stamp 0.
        if not self.has_subscribers or header.stamp == self._stamp:
            return
        self._stamp = header.stamp
        found = transforms(result.people, header, self.config.joints)
        if found and not header.frame_id:
            self._node.get_logger().warning(
                'images have no frame_id: no body_<id> on /tf. Let the driver set '
                'header.frame_id', throttle_duration_sec=_NO_FRAME_PERIOD)
        elif found:
            self._publisher.publish(TFMessage(transforms=found))


def transforms(skeletons: list[Skeleton], header: Header,
               with_joints: bool) -> list[TransformStamped]:
    """Return `body_<id>` of all people who are seen and whose trunk is known.

    Its parent is the frame of `header`. With `with_joints`, also one of JOINT_FRAMES with `_<id>`
    for every known joint, with parent `body_<id>` and the orientation of the body. Predicted poses
    have no transform, since TF cannot express their uncertainty.
    """
    found = []
    for skeleton in skeletons:
        frame = body_frame(skeleton) if skeleton.state.is_seen else None
        if frame is None:
            continue
        body = f'body_{skeleton.id}'
        found.append(_transform(header, body, frame.origin, frame.quaternion()))
        if with_joints:
            found += _joints(skeleton, frame, Header(stamp=header.stamp, frame_id=body))
    return found


def _joints(skeleton: Skeleton, frame: BodyFrame, header: Header) -> list[TransformStamped]:
    return [_transform(header, f'{name}_{skeleton.id}', xyz, (0.0, 0.0, 0.0, 1.0))
            for name, xyz, score in zip(
                JOINT_FRAMES, frame.into(skeleton.xyz), skeleton.joint_scores)
            if score > 0 and np.isfinite(xyz).all()]


def _transform(header: Header, child: str, xyz: np.ndarray,
               quaternion: tuple[float, float, float, float]) -> TransformStamped:
    (x, y, z), (qx, qy, qz, qw) = xyz.tolist(), quaternion
    return TransformStamped(
        header=header, child_frame_id=child, transform=Transform(
            translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=qx, y=qy, z=qz, w=qw)))
