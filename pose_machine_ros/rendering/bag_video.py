# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A recording of the demo as a video and a still image."""

from __future__ import annotations

from pathlib import Path

import cv2
from tqdm import tqdm

from pose_machine_ros.errors import InputError
from pose_machine_ros.io import bags
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.io.images import compressed
from pose_machine_ros.io.messages import header_stamp_ns, skeletons_from_message
from pose_machine_ros.io.video_writer import VideoWriter
from pose_machine_ros.pose import Skeleton, TrackingState
from pose_machine_ros.rendering.side_by_side import SideBySideView


def render_bag(bag: Path, video: Path, still: Path, fps: float, by_stamps: bool = False,
               rotation: int = 0, **lens: object) -> None:
    """Write the images and skeletons of a recording as a video of the same length, and a still.

    The video shows only images that the node processed, each with its own skeletons; while the node
    skips images, the same image stays. Recorded images are `1 / fps` seconds apart, or at the times
    of their stamps with `by_stamps`, for a source without a constant rate. The still is the image
    with the highest sum of person scores. `rotation` is the node's; `lens` are the options with
    which `Calibration.camera` reads the recorded CameraInfo. Raises InputError for a bag without
    camera_info.
    """
    results, calibration = {}, None
    for topic, _, message in bags.read_messages(bag):
        if topic.endswith('/skeletons'):
            results[header_stamp_ns(message.header)] = skeletons_from_message(message)
        elif topic.endswith('/camera_info') and calibration is None:
            calibration = Calibration.from_camera_info(message)
    if calibration is None:
        raise InputError(f'{bag} holds no camera_info, which rendering needs')
    view, rendered = SideBySideView(rotation), None
    best_score, best_image = -1.0, None
    with VideoWriter(video, fps) as writer:
        images = (m for topic, _, m in bags.read_messages(bag) if topic.endswith('/compressed'))
        for message in tqdm(images, unit='frame', desc='rendering'):
            stamp_ns = header_stamp_ns(message.header)
            skeletons = results.get(stamp_ns)
            if rendered is None or skeletons is not None:
                image = compressed.decode(bytes(message.data), message.format)
                camera = calibration.camera(image.shape[1], image.shape[0], **lens)
                rendered = view.draw(image, skeletons or [], camera)
            writer.add(rendered, stamp_ns if by_stamps else None)
            if skeletons and (score := _total_score(skeletons)) > best_score:
                best_score, best_image = score, rendered
    if best_image is not None:
        cv2.imwrite(str(still), best_image)


def _total_score(skeletons: list[Skeleton]) -> float:
    """Return the sum of the scores of tracked people; high for many, well seen people."""
    return sum(s.score for s in skeletons if s.state == TrackingState.TRACKED)
