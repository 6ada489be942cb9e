# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""People as REP-155 has them below `/humans/bodies`, for nodes that know hri_msgs."""

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
from pose_machine_ros.ros.output.output import FrameResult, Output, RESULTS
from pose_machine_ros.ros.runtime.distributions import publisher_event_callbacks
from pose_machine_ros.settings import check, setting

try:
    from hri_msgs.msg import IdsList, NormalizedRegionOfInterest2D, Skeleton2D
except ImportError:  # few have it
    IdsList = None

# A node keeps a trace of every event handler for good, and these topics come and go with people
_NO_EVENTS = publisher_event_callbacks()(use_default_callbacks=False)


@dataclass(frozen=True)
class HumansConfig:
    """Where people are published for REP-155."""

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
    """Publishes the ids of bodies on `tracked`, and below each id its `roi` and `skeleton2d`.

    Silent where hri_msgs is not installed. Who listens to a body has its id from `tracked`, so that
    topic alone tells whether anybody does.
    """

    def __init__(self, node: Node, config: HumansConfig) -> None:
        super().__init__(node)
        self._base = config.topic
        self._bodies: dict[str, tuple[Publisher, Publisher]] = {}  # roi and skeleton2d by id
        self._tracked: Publisher | None = None
        if self._base and IdsList is not None:
            self._tracked = self._advertise(IdsList, f'{self._base}/tracked')

    def publish(self, result: FrameResult) -> None:
        """Publish who is there, and where in the image those are who are seen in it."""
        if self._tracked is None:
            return
        present = {s.id: s for s in result.skeletons if s.state.is_active}
        self._tell_tracked(list(present), result.header)
        height, width = result.image.shape[:2]
        for name, skeleton in present.items():
            if name not in self._bodies:
                self._bodies[name] = self._advertise_body(name)
            if skeleton.state.is_seen:
                regions, skeletons = self._bodies[name]
                regions.publish(region_message(skeleton, result.header, width, height))
                skeletons.publish(skeleton_message(skeleton, result.header, width, height))

    def clear(self, header: Header) -> None:
        """Publish that nobody is there."""
        if self._tracked is not None:
            self._tell_tracked([], header)

    def close(self) -> None:
        """Destroy the publishers, those of bodies too."""
        self._withdraw_bodies(set(self._bodies))
        super().close()

    def _tell_tracked(self, ids: list[str], header: Header) -> None:
        self._tracked.publish(IdsList(header=header, ids=ids))
        self._withdraw_bodies(self._bodies.keys() - set(ids))

    def _advertise_body(self, name: str) -> tuple[Publisher, Publisher]:
        return tuple(
            self._node.create_publisher(
                kind, f'{self._base}/{name}/{topic}', RESULTS, event_callbacks=_NO_EVENTS)
            for kind, topic in ((NormalizedRegionOfInterest2D, 'roi'), (Skeleton2D, 'skeleton2d')))

    def _withdraw_bodies(self, ids: set[str]) -> None:
        for name in ids:
            for publisher in self._bodies.pop(name):
                self._node.destroy_publisher(publisher)
