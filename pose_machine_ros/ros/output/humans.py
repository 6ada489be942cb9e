# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""People as messages of REP-155 (ROS4HRI) below `/humans/bodies`; needs hri_msgs."""

from __future__ import annotations

from dataclasses import dataclass

from rclpy.exceptions import NameValidationException
from rclpy.expand_topic_name import expand_topic_name
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.validate_full_topic_name import validate_full_topic_name
from std_msgs.msg import Header

from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.conversions.humans import region_message, skeleton_message
from pose_machine_ros.ros.output.output import FrameResult, NO_EVENTS, Output
from pose_machine_ros.ros.runtime.qos import RESULT_QOS
from pose_machine_ros.settings import check, setting

try:
    from hri_msgs.msg import IdsList, NormalizedRegionOfInterest2D, Skeleton2D
except ImportError:  # an optional dependency
    IdsList = None


@dataclass(frozen=True)
class HumansConfig:
    """Names of the topics of REP-155."""

    topic: str = setting(
        'humans/bodies', 'Base of the topics of REP-155, published where hri_msgs is installed; '
        'empty = none', dynamic=False)

    def __post_init__(self) -> None:
        check(self)
        if not self.topic:
            return
        try:
            validate_full_topic_name(expand_topic_name(self.topic, 'node', '/'))
        except (NameValidationException, ValueError) as error:
            raise InputError(
                f'humans.topic = {self.topic!r} is not a topic name: {error}') from error


class HumansOutput(Output):
    """Publishes the ids of people on `tracked`, and `<id>/roi` and `<id>/skeleton2d` of each.

    Publishes nothing if hri_msgs is not installed. Subscribers get the ids from `tracked`, so
    `has_subscribers` checks that topic only. All of them are in the image.
    """

    is_in_image = True

    def __init__(self, node: Node, config: HumansConfig) -> None:
        super().__init__(node)
        self._base = config.topic
        self._bodies: dict[str, tuple[Publisher, Publisher]] = {}  # roi and skeleton2d by id
        self._tracked: Publisher | None = None
        if self._base and IdsList is not None:
            self._tracked = self._advertise(IdsList, f'{self._base}/tracked')

    def publish(self, result: FrameResult) -> None:
        """Publish the ids of all people, and the keypoints of those seen in this frame."""
        if self._tracked is None:
            return
        active = {s.id: s for s in result.skeletons if s.state.is_active}
        self._publish_ids(list(active), result.header)
        if result.image is None:  # of several cameras, in none of which the keypoints are
            return
        height, width = result.image.shape[:2]
        for name, skeleton in active.items():
            if name not in self._bodies:
                self._bodies[name] = self._advertise_body(name)
            if skeleton.state.is_seen:
                regions, skeletons = self._bodies[name]
                regions.publish(region_message(skeleton, result.header, width, height))
                skeletons.publish(skeleton_message(skeleton, result.header, width, height))

    def clear(self, header: Header) -> None:
        """Publish that there are no people."""
        if self._tracked is not None:
            self._publish_ids([], header)

    def close(self) -> None:
        """Destroy all publishers, including those of each body."""
        self._destroy_bodies(set(self._bodies))
        super().close()

    def _publish_ids(self, ids: list[str], header: Header) -> None:
        self._tracked.publish(IdsList(header=header, ids=ids))
        self._destroy_bodies(self._bodies.keys() - set(ids))

    def _advertise_body(self, name: str) -> tuple[Publisher, Publisher]:
        return tuple(
            self._node.create_publisher(
                kind, f'{self._base}/{name}/{topic}', RESULT_QOS, event_callbacks=NO_EVENTS)
            for kind, topic in ((NormalizedRegionOfInterest2D, 'roi'), (Skeleton2D, 'skeleton2d')))

    def _destroy_bodies(self, ids: set[str]) -> None:
        for name in ids:
            for publisher in self._bodies.pop(name):
                self._node.destroy_publisher(publisher)
