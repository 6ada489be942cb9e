# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Predictions of MMPose's inferencer and video demo, and of Ultralytics, which are similar."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.detections.detections import Detection, DetectionSequence, track_id
from pose_machine_ros.io.detections.frame_numbers import frame_numbers
from pose_machine_ros.io.detections.keypoints import parse_keypoints


def read_predictions(path: Path, frames: Any, meta_info: Any = None) -> DetectionSequence:
    """Return the detections in a list of frames, each with `frame_id` and `instances`.

    A list of instances stands for one image, a list of such lists for successive frames.
    Raises InputError that names the frame.
    """
    if isinstance(frames, list) and frames and all(isinstance(f, list) for f in frames):
        frames = [{'instances': f} for f in frames]
    if not isinstance(frames, list) or not all(isinstance(f, Mapping) for f in frames):
        raise InputError(f'{path}: instance_info must be a list of objects with frame_id and '
                         'instances')
    names = _names(meta_info)
    if frames and not any('instances' in f for f in frames):
        return DetectionSequence(path, {0: parse_frame(frames, str(path), names)})
    numbers = frame_numbers([f.get('frame_id', i) for i, f in enumerate(frames)], str(path))
    return DetectionSequence(path, {
        number: parse_frame(f.get('instances'), f'{path}: frame {number}', names)
        for number, f in zip(numbers, frames)})


def parse_frame(instances: Any, where: str, names: list | None = None) -> list[Detection]:
    """Return the detections of one frame's instances; raises InputError that says `where`."""
    if instances is None:
        return []
    if not isinstance(instances, list) or not all(isinstance(i, Mapping) for i in instances):
        raise InputError(f'{where}: instances must be a list of objects with keypoints and '
                         'keypoint_scores')
    found = []
    for i, instance in enumerate(instances):
        keypoints = parse_keypoints(instance.get('keypoints'), f'{where}, person {i}', names,
                                    instance.get('keypoint_scores'))
        if keypoints is not None:
            found.append(Detection(keypoints, track_id(instance, 'track_id', 'instance_id')))
    return found


def _names(meta_info: Any) -> list | None:
    """Return the names of the keypoints in their order, or None."""
    names = meta_info.get('keypoint_id2name') if isinstance(meta_info, Mapping) else None
    if not isinstance(names, Mapping) or not all(str(k).isdecimal() for k in names):
        return None
    return [names[k] for k in sorted(names, key=int)]
