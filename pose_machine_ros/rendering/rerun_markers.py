# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node's markers in Rerun, for a look at what RViz receives.

Supports the types and fields of visualization_msgs/Marker that the node fills in, of rclpy or of
rosbags. Lifetimes are ignored, and all text has the size of Rerun's labels.
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
    """Log markers below `/markers/NS/ID`, and clear those that are deleted.

    Raises InputError for a marker of another type.
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
    if marker.type == _LINE_LIST:  # one colour per bone: Rerun does not blend colours
        return rr.LineStrips3D(points.reshape(-1, 2, 3), radii=marker.scale.x / 2,
                               colors=colours.reshape(-1, 2, 4).mean(1) if marker.colors
                               else colours)
    if marker.type == _SPHERE_LIST:
        return rr.Points3D(points, radii=marker.scale.x / 2, colors=colours)
    if marker.type == _TEXT:
        return rr.Points3D([_xyz(marker.pose.position)], radii=0.0, colors=colours,
                           labels=[marker.text], show_labels=True)
    raise InputError(f'marker {marker.ns}/{marker.id} is of type {marker.type}; only '
                     'types that the pose machine publishes are shown: '
                     f'{_LINE_LIST}, {_SPHERE_LIST} and {_TEXT}')


def _xyz(point: Any) -> tuple[float, float, float]:
    return point.x, point.y, point.z
