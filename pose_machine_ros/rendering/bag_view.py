# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Shows a bag in Rerun."""

from __future__ import annotations

from itertools import islice
import logging
from pathlib import Path
from typing import Any

import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.io import bags
from pose_machine_ros.io.images import raw
from pose_machine_ros.io.message_cameras import cameras_from_message, seen_by_from_message
from pose_machine_ros.io.messages import header_stamp_ns, skeletons_from_message
from pose_machine_ros.rendering.camera_info_view import CameraInfoView
from pose_machine_ros.rendering.camera_topics import CameraTopics
from pose_machine_ros.rendering.rerun_view import RerunView

_SKELETONS = 'pose_machine_msgs/msg/Skeleton3DArray'
_RAW = 'sensor_msgs/msg/Image'
_LOGGER = logging.getLogger(__name__)


def show_bag(path: Path, topics: CameraTopics, view: RerunView, camera: CameraInfoView,
             until: float = np.inf) -> None:
    """Log the skeletons of a bag with their images and their camera.

    Images without a result are left out, because the skeletons of an earlier image would not match
    the people in them. Stops `until` seconds after the first result. Raises InputError for a bag
    without skeletons.
    """
    types = bags.topic_types(path)
    if types.get(topics.skeletons) != _SKELETONS:
        found = ', '.join(t for t, kind in types.items() if kind == _SKELETONS) or 'none'
        raise InputError(f'{path} has no skeletons on {topics.skeletons}; topics with skeletons: '
                         f'{found}. Name one with --skeletons, or its camera with --namespace')
    first = next((_stamp(m) for _, _, m in bags.read_messages(path, {topics.skeletons})), 0)
    image = topics.image if topics.image in types else f'{topics.image}/compressed'
    for _, _, message in islice(bags.read_messages(path, {image}), 1):
        camera.set_image_size(message)
    shown: set[int] = set()
    wanted = {topics.skeletons, topics.camera_info, topics.markers}
    for topic, _, message in bags.read_messages(path, wanted):
        stamp_ns = _stamp(message)
        if stamp_ns is None or (stamp_ns - first) * 1e-9 > until:
            continue
        if topic == topics.camera_info:
            camera.show(stamp_ns, message)
        elif topic == topics.markers:
            view.log_markers(stamp_ns, message.markers)
        else:
            shown.add(stamp_ns)
            view.log_skeletons(
                stamp_ns, skeletons_from_message(message), cameras_from_message(message),
                seen_by_from_message(message))
    is_logged = False
    for _, _, message in bags.read_messages(path, {image}):
        if _stamp(message) not in shown:
            continue
        try:
            view.log_image(_stamp(message), _image_data(message, types[image]))
        except InputError as error:  # show the skeletons without images
            if not is_logged:
                _LOGGER.warning('%s: %s', image, error)
            is_logged = True


def _stamp(message: Any) -> int | None:
    """Return the stamp of a message in ns; None for an empty MarkerArray, which has none."""
    if not hasattr(message, 'markers'):
        return header_stamp_ns(message.header)
    return header_stamp_ns(message.markers[0].header) if message.markers else None


def _image_data(message: Any, kind: str) -> bytes | np.ndarray:
    """Return the compressed data of an image, or the pixels (H, W, 3) uint8 BGR of a raw one."""
    if kind != _RAW:
        return bytes(message.data)
    raw.check(message)
    return raw.convert(message)
