# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node's markers in Rerun: what RViz is told, not how RViz draws it.

Of visualization_msgs/Marker the kinds and fields that the node fills in, from a message of rclpy's
or of rosbags'. Lifetimes are left out, and text has one size, that of Rerun's labels.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.rendering.rerun_sdk import rr

_LINE_LIST, _SPHERE_LIST, _TEXT = 5, 7, 9  # Marker.type
_DELETE = 2  # Marker.action


def log_markers(stream: rr.RecordingStream, markers: Iterable[Any]) -> None:
    """Draw markers below `/markers/NS/ID`, and clear those that are deleted.

    Raises InputError for a marker of another kind.
    """
    for marker in markers:
        path = ['markers', marker.ns, str(marker.id)]
        if marker.action == _DELETE:
            stream.log(path, rr.Clear(recursive=True))
        else:
            stream.log(path, _shape(marker))


def _shape(marker: Any) -> rr.AsComponents:
    points = np.array([_xyz(p) for p in marker.points]).reshape(-1, 3)
    colours = np.array([(c.r, c.g, c.b, c.a) for c in marker.colors or [marker.color]])
    if marker.type == _LINE_LIST:  # one colour a bone: Rerun does not blend between two ends
        return rr.LineStrips3D(points.reshape(-1, 2, 3), radii=marker.scale.x / 2,
                               colors=colours.reshape(-1, 2, 4).mean(1) if marker.colors
                               else colours)
    if marker.type == _SPHERE_LIST:
        return rr.Points3D(points, radii=marker.scale.x / 2, colors=colours)
    if marker.type == _TEXT:
        return rr.Points3D([_xyz(marker.pose.position)], radii=0.0, colors=colours,
                           labels=[marker.text], show_labels=True)
    raise InputError(f'marker {marker.ns}/{marker.id} is of type {marker.type}; only those are '
                     'shown '
                     f'that the pose machine writes: {_LINE_LIST}, {_SPHERE_LIST} and {_TEXT}')


def _xyz(point: Any) -> tuple[float, float, float]:
    return point.x, point.y, point.z
