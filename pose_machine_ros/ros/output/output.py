# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Base class of the outputs of the node."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions
from std_msgs.msg import Header

from pose_machine_msgs.msg import CameraView
from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.ros.runtime.distributions import publisher_event_callbacks
from pose_machine_ros.ros.runtime.qos import RESULT_QOS

_OVERRIDES = QoSOverridingOptions.with_default_policies()
# By default rclpy warns about subscribers with another QoS, as these subscribers do themselves. The
# handlers of these events make every wake-up of the executor slower, and nodes keep those of
# publishers that come and go.
NO_EVENTS = publisher_event_callbacks()(use_default_callbacks=False)


_IMAGE_UP = np.array((0.0, -1.0, 0.0))  # in the camera's optical frame
_WORLD_UP = np.array((0.0, 0.0, 1.0))  # as REP-103 has it


@dataclass(frozen=True)
class FrameResult:
    """Results of one image, or of the newest images of several cameras."""

    skeletons: list[Skeleton]  # in the frame of the header
    header: Header  # of the image
    image: np.ndarray | None  # (H, W, 3) uint8, BGR; None if several cameras took part
    camera: Camera | None  # that took it; None if several took part
    latency_ns: int  # from image stamp to publication
    cameras: list[CameraView] | None = None  # those that took part, if they are several
    seen_by: list[list[int]] | None = None  # which of `cameras` see each person
    frame_id: str = ''  # in which people are published; empty = that of the header
    pose: RigidTransform | None = RigidTransform()  # of the camera in it; None if TF does not tell
    placed: list[Skeleton] | None = None  # the skeletons in `frame_id`, if it is another frame

    @property
    def people(self) -> list[Skeleton]:
        """Return the skeletons in the frame in which they are published."""
        return self.skeletons if self.placed is None else self.placed

    @property
    def up(self) -> np.ndarray:
        """Return the direction (3,) to the top of the image, or of the world."""
        return _WORLD_UP if self.camera is None else self.pose.rotate(_IMAGE_UP)

    @property
    def people_header(self) -> Header:
        """Return the header of `people`: the image's stamp, and their frame."""
        if not self.frame_id:
            return self.header
        return Header(stamp=self.header.stamp, frame_id=self.frame_id)


def advertise(node: Node, kind: type, topic: str, qos: QoSProfile = RESULT_QOS) -> Publisher:
    """Create a publisher whose QoS can be overridden by the parameters `qos_overrides`."""
    # A copy, since rclpy writes the overrides into the profile
    return node.create_publisher(kind, topic, copy(qos), qos_overriding_options=_OVERRIDES,
                                 event_callbacks=NO_EVENTS)


class Output:
    """Publishes one form of the result of each frame, with the stamp of its image."""

    is_in_image = False  # whether it needs no pose of the camera, since it is in the image's frame

    def __init__(self, node: Node) -> None:
        self._node = node
        self.publishers: list[Publisher] = []  # until `close`

    @property
    def has_subscribers(self) -> bool:
        """Whether a topic of this output has a subscriber."""
        return any(p.get_subscription_count() for p in self.publishers)

    def publish(self, result: FrameResult) -> None:
        """Publish the result of a frame."""
        raise NotImplementedError

    def clear(self, header: Header) -> None:
        """Publish that there are no people, for subscribers that keep people or markers."""

    def close(self) -> None:
        """Destroy the publishers; messages that were not sent by then are lost."""
        while self.publishers:
            self._node.destroy_publisher(self.publishers.pop())

    def _advertise(self, kind: type, topic: str, qos: QoSProfile = RESULT_QOS) -> Publisher:
        publisher = advertise(self._node, kind, topic, qos)
        self.publishers.append(publisher)
        return publisher
