# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""All that the node publishes about people."""

from __future__ import annotations

from dataclasses import dataclass, replace
import re
import time

from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Header

from pose_machine_msgs.msg import SkeletonModel
from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.conversions.skeletons import model_message
from pose_machine_ros.ros.output.annotated_image import AnnotatedImageOutput
from pose_machine_ros.ros.output.humans import HumansConfig, HumansOutput
from pose_machine_ros.ros.output.markers import MarkerConfig, MarkerOutput
from pose_machine_ros.ros.output.output import advertise, FrameResult, Output
from pose_machine_ros.ros.output.skeletons import SkeletonOutput
from pose_machine_ros.ros.output.transforms import TransformConfig, TransformOutput
from pose_machine_ros.ros.runtime.topics import all_or_none
from pose_machine_ros.settings import check, group, setting

_LATCHED = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE,
                      durability=DurabilityPolicy.TRANSIENT_LOCAL)
_FAREWELL = 0.5  # seconds for the last messages to arrive
_POLL = 0.01  # seconds
_AT_ONCE = Duration()
_PREFIX = re.compile('([a-zA-Z][a-zA-Z0-9_]*)?')  # as names of topics may be


@dataclass(frozen=True)
class OutputConfig:
    """What is published, and how it looks."""

    markers: MarkerConfig = group('markers', MarkerConfig)
    transforms: TransformConfig = group('tf', TransformConfig)
    humans: HumansConfig = group('humans', HumansConfig)
    id_prefix: str = setting(
        '', 'Prefix of the ids of people. Each camera of a robot needs its own, because two people '
        'with the same id share one body_<id> on /tf', dynamic=False)

    def __post_init__(self) -> None:
        check(self)
        if not _PREFIX.fullmatch(self.id_prefix):
            raise InputError(f'id_prefix = {self.id_prefix!r} cannot begin an id: write a letter, '
                             'then letters, digits and underscores')


class Outputs:
    """Publishes what came of each frame on every output, and once `~/skeleton_model`."""

    def __init__(self, node: Node, config: OutputConfig = OutputConfig()) -> None:
        """Advertise; raises InputError where QoS overrides forbid it."""
        self._node = node
        self._id_prefix = config.id_prefix
        self._header: Header | None = None  # of the newest frame
        with all_or_none(node):
            self._markers = MarkerOutput(node, config.markers)
            self._transforms = TransformOutput(node, config.transforms)
            # The picture last: drawing takes time that the others need not wait for
            self._all: list[Output] = [
                SkeletonOutput(node), self._markers, self._transforms,
                HumansOutput(node, config.humans), AnnotatedImageOutput(node)]
            self._model = advertise(node, SkeletonModel, '~/skeleton_model', _LATCHED)
        self._model.publish(model_message())

    @property
    def has_listeners(self) -> bool:
        """Whether anybody subscribes to a result."""
        return any(output.has_listeners for output in self._all)

    def configure(self, config: OutputConfig) -> None:
        """Let `config` hold from the next frame on."""
        self._markers.config = config.markers
        self._transforms.config = config.transforms

    def publish(self, result: FrameResult) -> None:
        """Publish a frame's results."""
        self._header = result.header
        if self._id_prefix:
            result = replace(result, skeletons=[
                replace(s, id=self._id_prefix + s.id) for s in result.skeletons])
        for output in self._all:
            output.publish(result)

    def clear(self) -> None:
        """Tell everywhere that nobody is there any more."""
        if self._header is not None:
            for output in self._all:
                output.clear(self._header)

    def wait_until_sent(self) -> None:
        """Wait, for half a second at most, until subscribers have what was published last."""
        publishers = [p for output in self._all for p in output.publishers]
        end = time.monotonic() + _FAREWELL
        # By turns: one subscriber that hangs must not take the time of the others
        while time.monotonic() < end and not all(
                p.wait_for_all_acked(_AT_ONCE) for p in publishers):
            time.sleep(_POLL)

    def close(self) -> None:
        """Destroy the publishers; what was not sent by then is lost."""
        for output in self._all:
            output.close()
        self._node.destroy_publisher(self._model)
