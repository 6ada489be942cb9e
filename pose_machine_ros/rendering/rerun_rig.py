# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Several cameras in the viewer Rerun, with rays to the people they see."""

from __future__ import annotations

from collections.abc import Sequence
import math

import numpy as np

from pose_machine_ros.io.message_cameras import MessageCamera
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.rendering import style
from pose_machine_ros.rendering.rerun_sdk import rr
from pose_machine_ros.rendering.sight_lines import frustum, sight_lines

_FRUSTUM = 0.3  # metres, drawn length
_LINE, _RAY = 1.0, 0.5  # px of the screen, radius
# The eye's angle from the middle of the cameras, its height over its distance, its distance over
# that of the outermost camera, and the least one in metres.
_EYE_TURN, _EYE_RISE, _EYE_DISTANCE, _MIN_EYE_DISTANCE = math.radians(70), 0.4, 1.7, 3.0


class RerunRig:
    """Logs cameras as `/cameras/FRAME` and rays as `/rays/ID`, in the frame of the skeletons."""

    def __init__(self, stream: rr.RecordingStream) -> None:
        self._stream = stream
        self._shown: dict[str, MessageCamera] = {}

    def show(self, cameras: Sequence[MessageCamera]) -> None:
        """Show these cameras and no others; one with the same pose as before is not logged."""
        present = {camera.frame: camera for camera in cameras}
        for gone in sorted(self._shown.keys() - present.keys()):
            self._stream.log(['cameras', gone], rr.Clear(recursive=True))
        for name, camera in present.items():
            if name not in self._shown or not _have_same_pose(camera, self._shown[name]):
                self._log(camera)
        self._shown = present

    def log_rays(self, skeleton: Skeleton, cameras: Sequence[MessageCamera]) -> None:
        """Show lines from the cameras that see a person to the joints."""
        self._stream.log(['rays', skeleton.id], rr.LineStrips3D(
            sight_lines(skeleton, [c.pose.translation for c in cameras]),
            radii=rr.Radius.ui_points(_RAY),
            colors=[style.blend(style.person_colour(skeleton.id), 0.0)[::-1]]))

    def _log(self, camera: MessageCamera) -> None:
        colours = [style.TEXT[::-1]]
        self._stream.log(['cameras', camera.frame], rr.LineStrips3D(
            frustum(camera.pose, camera.width, camera.height, _FRUSTUM),
            radii=rr.Radius.ui_points(_LINE), colors=colours))
        self._stream.log(['cameras', camera.frame, 'name'], rr.Points3D(
            [camera.pose.translation], radii=0.0, colors=colours, labels=[camera.frame],
            show_labels=True))


def eye_beside(people: np.ndarray, cameras: Sequence[MessageCamera]
               ) -> tuple[np.ndarray, np.ndarray]:
    """Return from where and at what to look, to see people at (3,) and the cameras; z is up."""
    positions = np.array([c.pose.translation for c in cameras]).reshape(-1, 3)
    points = np.vstack((people, positions))
    target = (points.min(0) + points.max(0)) / 2
    away = max(_MIN_EYE_DISTANCE, _EYE_DISTANCE * np.linalg.norm(points - target, axis=-1).max())
    x, y = (points.mean(0) - people)[:2] if cameras else (1.0, 0.0)
    azimuth = math.atan2(y, x) + _EYE_TURN
    return target + away * np.array((math.cos(azimuth), math.sin(azimuth), _EYE_RISE)), target


def _have_same_pose(a: MessageCamera, b: MessageCamera) -> bool:
    return np.array_equal(a.pose.rotation, b.pose.rotation) \
        and np.array_equal(a.pose.translation, b.pose.translation)
