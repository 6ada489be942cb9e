# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons as markers for RViz: bones, joints and id of each person, in one colour per person.

Uncertain joints are pale. The text has the id and the reprojection error in px. Several cameras
that were fused have a frustum each, and rays to the joints of the people they see.

The markers of a person keep their ids from frame to frame, so that RViz moves them, and they are
deleted when the track ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import itertools
import math

from builtin_interfaces.msg import Duration as DurationMessage
from geometry_msgs.msg import Point
import numpy as np
from rclpy.duration import Duration
from rclpy.node import Node
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from pose_machine_ros.io.message_cameras import cameras_of, MessageCamera
from pose_machine_ros.io.messages import header_stamp_ns
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.rendering.style import person_colour
from pose_machine_ros.ros.output.camera_markers import CameraMarkers
from pose_machine_ros.ros.output.output import FrameResult, Output
from pose_machine_ros.settings import check, setting
from pose_machine_ros.skeleton import HUMAN36M_17

_NAMESPACES = ('bones', 'joints', 'id')
_LIFETIME_FRAMES = 3  # a marker stays visible over two missing frames
_MIN_PERIOD = 1 / 30  # seconds; RViz draws at 30 Hz, and a shorter lifetime causes flicker
_PERIOD_GAIN = 0.1  # low-pass weight of a period that is shorter than the filtered one
_FADED = (0.8, 0.8, 0.8, 0.3)  # red, green, blue, opacity of joints with score 0
_IMAGE_UP = np.array((0.0, -1.0, 0.0))  # in the camera's optical frame
_MAX_PERIOD = 1.0  # seconds; a longer one is a pause, not a frame rate


@dataclass(frozen=True)
class MarkerConfig:
    """Appearance of the markers."""

    thickness: float = setting(
        0.04, 'Thickness of bones; joints are 1.5 times as thick', unit='m', bounds=(0.001, 1.0))

    def __post_init__(self) -> None:
        check(self)


class MarkerOutput(Output):
    """Publishes `~/markers`."""

    def __init__(self, node: Node, config: MarkerConfig) -> None:
        super().__init__(node)
        self._writer = MarkerWriter(config)
        self._publisher = self._advertise(MarkerArray, '~/markers')

    @property
    def config(self) -> MarkerConfig:
        """Appearance of the markers, from the next frame on."""
        return self._writer.config

    @config.setter
    def config(self, config: MarkerConfig) -> None:
        self._writer.config = config

    def publish(self, result: FrameResult) -> None:
        """Publish the markers of a frame, if there is a subscriber."""
        if not self.has_subscribers:
            self._writer.skip(result.header)
            return
        self._publisher.publish(self._writer.write(
            result.people, result.people_header, result.up,
            cameras_of(result.cameras or ()), result.seen_by or ()))

    def clear(self, header: Header) -> None:
        """Delete the markers of all people."""
        self._publisher.publish(self._writer.clear(header))


class MarkerWriter:
    """Makes the markers of each frame; remembers which people have markers."""

    def __init__(self, config: MarkerConfig = MarkerConfig()) -> None:
        self.config = config
        self._numbers: dict[str, int] = {}  # marker id of each person shown
        self._cameras = CameraMarkers()
        self._next = itertools.count()
        self._stamp_ns: int | None = None
        self._period: float | None = None  # seconds, between frames

    def write(self, skeletons: list[Skeleton], header: Header,
              up: np.ndarray = _IMAGE_UP, cameras: Sequence[MessageCamera] = (),
              seen_by: Sequence[Sequence[int]] = ()) -> MarkerArray:
        """Return the markers of a frame, with DELETE for people whose tracks ended.

        `up` (3,) has length 1; the name of a person is at that end. `cameras` are those that were
        fused, if there are several, and `seen_by` tells which of them see each person.
        """
        self._measure_period(header)
        visible = {s.id: _visible(s) for s in skeletons if s.state.is_active}
        shown = [s for s in skeletons if s.id in visible and visible[s.id].any()]
        markers = self._delete(self._numbers.keys() - {s.id for s in shown}, header)
        for skeleton in shown:
            number = self._numbers.get(skeleton.id)
            if number is None:
                number = self._numbers[skeleton.id] = next(self._next)
            markers += self._person(skeleton, visible[skeleton.id], header, number, up)
        seen = {s.id: numbers for s, numbers in zip(skeletons, seen_by)}
        markers += self._cameras.write(
            shown, [seen.get(s.id, ()) for s in shown], cameras, header, self._lifetime(),
            self.config.thickness)
        return MarkerArray(markers=markers)

    def skip(self, header: Header) -> None:
        """Count a frame whose markers are not needed, so that the frame rate stays known."""
        self._measure_period(header)

    def clear(self, header: Header) -> MarkerArray:
        """Return DELETE for all people and cameras that have markers."""
        self._stamp_ns = self._period = None
        return MarkerArray(markers=self._delete(set(self._numbers), header)
                           + self._cameras.clear(header))

    def _delete(self, people: set[str], header: Header) -> list[Marker]:
        numbers = sorted(self._numbers.pop(person) for person in people)
        return [Marker(header=header, ns=ns, id=number, action=Marker.DELETE)
                for number in numbers for ns in _NAMESPACES]

    def _person(self, skeleton: Skeleton, visible: np.ndarray, header: Header, number: int,
                up: np.ndarray) -> list[Marker]:
        colour, lifetime = _colour(skeleton.id), self._lifetime()
        bones, joints, name = (
            Marker(header=header, ns=ns, id=number, action=Marker.ADD, color=colour,
                   lifetime=lifetime) for ns in _NAMESPACES)
        thickness = self.config.thickness
        points = [Point(x=x, y=y, z=z) for x, y, z in skeleton.xyz.tolist()]
        colours = _faded(colour, skeleton.joint_scores)
        seen = visible.tolist()
        ends = [end for a, b in HUMAN36M_17.bones if seen[a] and seen[b] for end in (a, b)]
        bones.type = Marker.LINE_LIST
        bones.scale.x = thickness
        bones.points = [points[end] for end in ends]
        bones.colors = [colours[end] for end in ends]
        joints.type = Marker.SPHERE_LIST
        joints.scale.x = joints.scale.y = joints.scale.z = 1.5 * thickness
        joints.points = [p for p, is_seen in zip(points, seen) if is_seen]
        joints.colors = [c for c, is_seen in zip(colours, seen) if is_seen]
        name.type = Marker.TEXT_VIEW_FACING
        name.text = skeleton.id
        if math.isfinite(skeleton.reprojection_px):
            name.text += f'  {skeleton.reprojection_px:.0f} px'
        name.scale.z = 4 * thickness
        shown = skeleton.xyz[visible]
        x, y, z = (shown[(shown @ up).argmax()] + 4 * thickness * up).tolist()
        name.pose.position = Point(x=x, y=y, z=z)  # above the head
        return [bones, joints, name]

    def _measure_period(self, header: Header) -> None:
        stamp_ns = header_stamp_ns(header)
        if self._stamp_ns is not None and stamp_ns > self._stamp_ns:
            period = min((stamp_ns - self._stamp_ns) * 1e-9, _MAX_PERIOD)
            # A longer period counts immediately: markers must not expire before their successors.
            self._period = period if self._period is None or period > self._period \
                else self._period + _PERIOD_GAIN * (period - self._period)
        self._stamp_ns = stamp_ns

    def _lifetime(self) -> DurationMessage:
        period = max(self._period or _MAX_PERIOD, _MIN_PERIOD)
        return Duration(seconds=_LIFETIME_FRAMES * period).to_msg()


def _visible(skeleton: Skeleton) -> np.ndarray:
    return (skeleton.joint_scores > 0) & np.isfinite(skeleton.xyz).all(-1)


def _colour(person_id: str) -> ColorRGBA:
    blue, green, red = (channel / 255 for channel in person_colour(person_id))
    return ColorRGBA(r=red, g=green, b=blue, a=1.0)


def _faded(colour: ColorRGBA, scores: np.ndarray) -> list[ColorRGBA]:
    """Return the colours of joints: a lower score makes them paler and more transparent."""
    weights = np.clip(scores, 0, 1)[:, None]
    mixed = weights * (colour.r, colour.g, colour.b, 1.0) + (1 - weights) * _FADED
    return [ColorRGBA(r=r, g=g, b=b, a=a) for r, g, b, a in mixed.tolist()]
