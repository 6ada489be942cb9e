# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""OpenPose: a JSON file per frame, `<video>_<frame number>_keypoints.json`."""

from __future__ import annotations

from collections.abc import Mapping

from pose_machine_ros.detections.layout import coco_keypoints
from pose_machine_ros.detections.recording import Detection, identity
from pose_machine_ros.errors import InputError

SUFFIX = '_keypoints.json'


def frame_of(content: Mapping, where: str) -> list[Detection]:
    """Return the detections of one file's `content`; raises InputError that says `where`.

    Keypoints are `pose_keypoints_2d` (`pose_keypoints` in old versions) of BODY_25 or COCO.
    """
    people = content.get('people')
    if people is None:
        return []
    if not isinstance(people, list) or not all(isinstance(p, Mapping) for p in people):
        raise InputError(f'{where}: people must be a list of objects with pose_keypoints_2d')
    found = []
    for i, person in enumerate(people):
        name = 'pose_keypoints' if 'pose_keypoints' in person else 'pose_keypoints_2d'
        keypoints = coco_keypoints(person.get(name), f'{where}, person {i}')
        if keypoints is not None:
            found.append(Detection(keypoints, identity(person, 'person_id')))
    return found
