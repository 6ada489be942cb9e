# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""OpenPose: a JSON file per frame, `<video>_<frame number>_keypoints.json`.

With `--format open` or `cmu`, AlphaPose writes nearly the same, with all frames in one file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.detections.detections import Detection, DetectionSequence, track_id
from pose_machine_ros.io.detections.frame_numbers import frame_numbers
from pose_machine_ros.io.detections.keypoints import parse_keypoints

SUFFIX = '_keypoints.json'
_PEOPLE = ('people', 'bodies')
_KEYPOINTS = ('pose_keypoints', 'joints', 'pose_keypoints_2d')


def is_frame(content: Any) -> bool:
    """Return whether `content` is the JSON of one frame."""
    return isinstance(content, Mapping) and any(name in content for name in _PEOPLE)


def read_frames(path: Path, content: Mapping) -> DetectionSequence:
    """Return the detections in a map from image names to frames."""
    numbers = frame_numbers(list(content), str(path))
    return DetectionSequence(path, {n: parse_frame(frame, f'{path}: {name}')
                             for n, (name, frame) in zip(numbers, content.items())})


def parse_frame(content: Mapping, where: str) -> list[Detection]:
    """Return the detections of one file's `content`; raises InputError that says `where`.

    Keypoints are `pose_keypoints_2d` (`pose_keypoints` in old versions) of BODY_25 or COCO.
    AlphaPose's `cmu` has `bodies` with `joints`.
    """
    people = content.get('people', content.get('bodies'))
    if people is None:
        return []
    if not isinstance(people, list) or not all(isinstance(p, Mapping) for p in people):
        raise InputError(f'{where}: people must be a list of objects with pose_keypoints_2d')
    found = []
    for i, person in enumerate(people):
        values = next((person[name] for name in _KEYPOINTS if name in person), None)
        keypoints = parse_keypoints(values, f'{where}, person {i}')
        if keypoints is not None:
            found.append(Detection(keypoints, track_id(person, 'person_id')))
    return found
