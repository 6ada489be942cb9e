# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The cameras that were fused as markers for RViz, with rays to the people they see."""

from __future__ import annotations

from collections.abc import Sequence
import itertools

from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point
import numpy as np
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker

from pose_machine_ros.io.message_cameras import MessageCamera
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.rendering.sight_lines import frustum, sight_lines
from pose_machine_ros.rendering.style import person_colour

_CAMERAS, _RAYS = 'cameras', 'rays'  # namespaces
_FRUSTUM = 0.3  # metres, length
_GREY = (0.8, 0.8, 0.8, 1.0)  # red, green, blue, opacity
_RAY_OPACITY = 0.35
_CAMERA_THICKNESS, _RAY_THICKNESS = 0.25, 0.12  # of that of bones

_Key = tuple[str, str]  # namespace, and name of a camera or id of a person


class CameraMarkers:
    """Makes the markers of each frame, and deletes those that are no longer needed."""

    def __init__(self) -> None:
        self._numbers: dict[_Key, int] = {}  # id of each marker shown
        self._next = itertools.count()

    def write(self, people: Sequence[Skeleton], seen_by: Sequence[Sequence[int]],
              cameras: Sequence[MessageCamera], header: Header, lifetime: Duration,
              thickness: float) -> list[Marker]:
        """Return the markers of a frame.

        `seen_by` tells which of `cameras` see each of `people`; `thickness` is that of bones, in
        metres.
        """
        lines = {(_CAMERAS, c.frame): (frustum(c.pose, c.width, c.height, _FRUSTUM), _GREY,
                                       _CAMERA_THICKNESS) for c in cameras}
        for person, numbers in zip(people, seen_by):
            if not numbers:
                continue
            positions = [cameras[i].pose.translation for i in numbers]
            blue, green, red = (channel / 255 for channel in person_colour(person.id))
            lines[_RAYS, person.id] = (sight_lines(person, positions),
                                       (red, green, blue, _RAY_OPACITY), _RAY_THICKNESS)
        markers = self._delete(self._numbers.keys() - lines.keys(), header)
        for key, (ends, colour, relative) in lines.items():
            number = self._numbers.get(key)
            if number is None:
                number = self._numbers[key] = next(self._next)
            markers.append(_marker(key[0], number, header, lifetime, ends, colour,
                                   relative * thickness))
        return markers

    def clear(self, header: Header) -> list[Marker]:
        """Return DELETE for all markers."""
        return self._delete(set(self._numbers), header)

    def _delete(self, keys: set[_Key], header: Header) -> list[Marker]:
        return [Marker(header=header, ns=key[0], id=self._numbers.pop(key), action=Marker.DELETE)
                for key in sorted(keys)]


def _marker(namespace: str, number: int, header: Header, lifetime: Duration, ends: np.ndarray,
            colour: tuple[float, float, float, float], thickness: float) -> Marker:
    """Return a marker of lines (N, 2, 3), metres."""
    red, green, blue, opacity = colour
    marker = Marker(header=header, ns=namespace, id=number, type=Marker.LINE_LIST,
                    action=Marker.ADD, lifetime=lifetime,
                    color=ColorRGBA(r=red, g=green, b=blue, a=opacity))
    marker.scale.x = thickness
    marker.points = [Point(x=x, y=y, z=z) for x, y, z in ends.reshape(-1, 3).tolist()]
    return marker
