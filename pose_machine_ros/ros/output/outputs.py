# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""All outputs of the node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
import re
import time

from rclpy.duration import Duration
from rclpy.node import Node
from std_msgs.msg import Header

from pose_machine_msgs.msg import SkeletonModel
from pose_machine_ros.errors import InputError
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.ros.conversions.skeletons import model_message
from pose_machine_ros.ros.output.annotated_image import AnnotatedImageOutput
from pose_machine_ros.ros.output.humans import HumansConfig, HumansOutput
from pose_machine_ros.ros.output.markers import MarkerConfig, MarkerOutput
from pose_machine_ros.ros.output.output import advertise, FrameResult, Output
from pose_machine_ros.ros.output.skeletons import SkeletonOutput
from pose_machine_ros.ros.output.transforms import TransformConfig, TransformOutput
from pose_machine_ros.ros.runtime.qos import LATCHED
from pose_machine_ros.ros.runtime.topics import destroy_on_failure
from pose_machine_ros.settings import check, group, setting

_SEND_SECONDS = 0.5  # for the last messages to arrive
_POLL_SECONDS = 0.01
_NO_WAIT = Duration()
_PREFIX = re.compile('([a-zA-Z][a-zA-Z0-9_]*)?')  # valid in topic names


@dataclass(frozen=True)
class OutputConfig:
    """Settings of all outputs."""

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
    """Publishes the result of each frame on all outputs, and once `~/skeleton_model`."""

    def __init__(self, node: Node, config: OutputConfig = OutputConfig(), *,
                 with_images: bool = True, also: Sequence[Output] = ()) -> None:
        """Create the publishers; raises InputError for invalid QoS overrides.

        Without images there is no annotated one. `also` are further outputs.
        """
        self._node = node
        self._id_prefix = config.id_prefix
        self._header: Header | None = None  # of the newest frame
        with destroy_on_failure(node):
            self._markers = MarkerOutput(node, config.markers)
            self._transforms = TransformOutput(node, config.transforms)
            self._all: list[Output] = [
                *also, SkeletonOutput(node), self._markers, self._transforms,
                HumansOutput(node, config.humans)]
            if with_images:  # the last, since drawing takes time
                self._all.append(AnnotatedImageOutput(node))
            self._model = advertise(node, SkeletonModel, '~/skeleton_model', LATCHED)
        self._model.publish(model_message())

    def are_wanted(self, but_tf: bool = False) -> bool:
        """Return whether any result topic has a subscriber, optionally one other than `/tf`.

        Nodes of this package that take poses from TF subscribe to it while they work, and would
        keep each other working.
        """
        return any(output.has_subscribers for output in self._all
                   if not (but_tf and output is self._transforms))

    def configure(self, config: OutputConfig) -> None:
        """Apply the dynamic settings of `config` from the next frame on."""
        self._markers.config = config.markers
        self._transforms.config = config.transforms

    def publish(self, result: FrameResult) -> None:
        """Publish the result of a frame on all outputs.

        If the pose of the camera is not known, only on those in the image's frame.
        """
        self._header = result.people_header
        if self._id_prefix:
            result = replace(result, skeletons=self._with_prefix(result.skeletons),
                             placed=self._with_prefix(result.placed))
        for output in self._all:
            if result.pose is not None or output.is_in_image:
                output.publish(result)

    def _with_prefix(self, skeletons: list[Skeleton] | None) -> list[Skeleton] | None:
        return skeletons and [replace(s, id=self._id_prefix + s.id) for s in skeletons]

    def clear(self) -> None:
        """Publish on all outputs that there are no people."""
        if self._header is not None:
            for output in self._all:
                output.clear(self._header)

    def wait_until_sent(self) -> None:
        """Wait up to half a second until reliable subscribers have acknowledged all messages."""
        publishers = [p for output in self._all for p in output.publishers]
        end = time.monotonic() + _SEND_SECONDS
        # Poll all of them, so that one subscriber that hangs does not use up the time
        while time.monotonic() < end and not all(
                p.wait_for_all_acked(_NO_WAIT) for p in publishers):
            time.sleep(_POLL_SECONDS)

    def close(self) -> None:
        """Destroy the publishers; messages that were not sent by then are lost."""
        for output in self._all:
            output.close()
        self._node.destroy_publisher(self._model)
