# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A bag, shown in Rerun."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pose_machine_ros import recording
from pose_machine_ros.camera_topics import CameraTopics
from pose_machine_ros.errors import InputError
from pose_machine_ros.rendering.rerun_view import RerunView

_SKELETONS = 'pose_machine_msgs/msg/Skeleton3DArray'
_RAW = 'sensor_msgs/msg/Image'


def show_bag(path: Path, topics: CameraTopics, view: RerunView, until: float = np.inf) -> None:
    """Log the skeletons of a bag with the images that they were seen in.

    Images without a result are left out: the skeletons of an earlier one would lie beside the
    people in them. Stops `until` seconds after the first result. Raises InputError for a bag
    without skeletons.
    """
    types = recording.types_of(path)
    if types.get(topics.skeletons) != _SKELETONS:
        found = ', '.join(t for t, kind in types.items() if kind == _SKELETONS) or 'none'
        raise InputError(f'{path} has no skeletons on {topics.skeletons}; topics with skeletons: '
                         f'{found}. Name one with --skeletons, or its camera with --namespace')
    stamps: set[int] = set()
    first = None
    for topic, _, message in recording.read(path, {topics.skeletons, topics.camera_info}):
        stamp_ns = recording.stamp_of(message.header)
        if topic == topics.camera_info:
            view.log_camera(stamp_ns, recording.camera_of(message))
            continue
        first = stamp_ns if first is None else first
        if (stamp_ns - first) * 1e-9 <= until:
            stamps.add(stamp_ns)
            view.log_skeletons(stamp_ns, recording.skeletons_of(message))
    image = topics.image if topics.image in types else f'{topics.image}/compressed'
    for _, _, message in recording.read(path, {image}):
        if recording.stamp_of(message.header) in stamps:
            view.log_image(recording.stamp_of(message.header), _pixels(message, types[image]))


def _pixels(message: object, kind: str) -> bytes | np.ndarray:
    if kind != _RAW:
        return bytes(message.data)
    from pose_machine_ros.ros.images import image_to_bgr  # the only thing here that needs ROS
    return image_to_bgr(message)
