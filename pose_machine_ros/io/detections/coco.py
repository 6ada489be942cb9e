# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""COCO keypoints: results of a detector, as AlphaPose writes them too, or annotations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.detections.detections import Detection, DetectionSequence, track_id
from pose_machine_ros.io.detections.frame_numbers import frame_numbers
from pose_machine_ros.io.detections.keypoints import parse_keypoints

_LABELS = (int, float, str)  # types of image_id
_MAX_SIDE = 99_999  # px


def read_results(path: Path, entries: list) -> DetectionSequence:
    """Return the detections in a list of results, one per person and frame.

    `image_id` is the frame number or the file name of the image. Raises InputError that
    names the entry.
    """
    labels = list(dict.fromkeys(_image(path, i, e) for i, e in enumerate(entries)))
    numbers = frame_numbers(labels, str(path))
    return DetectionSequence(path, _by_frame(path, entries, dict(zip(labels, numbers)), None))


def read_dataset(path: Path, content: Mapping) -> DetectionSequence:
    """Return the detections in the `annotations` of a data set, for the frames in its `images`.

    Raises InputError that names the entry.
    """
    entries, images = content['annotations'] or [], content.get('images') or []
    if not isinstance(entries, list) or not isinstance(images, list) \
            or not all(isinstance(i, Mapping) and isinstance(i.get('id'), _LABELS) for i in images):
        raise InputError(f'{path}: annotations and images must be lists of objects, and images '
                         'need an id')
    if not images:
        return read_results(path, entries)
    label = 'file_name' if all(isinstance(i.get('file_name'), str) for i in images) else 'id'
    numbers = frame_numbers([i[label] for i in images], str(path))
    frames = _by_frame(path, entries, {i['id']: n for i, n in zip(images, numbers)},
                       _names(content))
    sizes = {tuple(_side(path, i, name) for name in ('width', 'height')) for i in images}
    size = sizes.pop() if len(sizes) == 1 else (0, 0)
    return DetectionSequence(
        path, {**{n: [] for n in numbers}, **frames}, size if all(size) else None)


def _side(path: Path, image: Mapping, name: str) -> int:
    """Return the width or height of an image, px; 0 if it has none."""
    side = image.get(name) or 0
    if isinstance(side, bool) or not isinstance(side, (int, float)) \
            or not 0 <= side <= _MAX_SIDE or side != int(side):
        raise InputError(f'{path}: image {str(image["id"])[:80]} has {name} {str(side)[:80]!r}; '
                         'it must be a whole number of px')
    return int(side)


def _by_frame(path: Path, entries: list, numbers: Mapping[Any, int],
              names: list | None) -> dict[int, list[Detection]]:
    frames: dict[int, list[Detection]] = {}
    for i, entry in enumerate(entries):
        image = _image(path, i, entry)
        if image not in numbers:
            raise InputError(f'{path}: entry {i} is of image {image!r}, which is not in images')
        found = frames.setdefault(numbers[image], [])
        if entry.get('score', 1) == 0:
            continue
        keypoints = parse_keypoints(
            entry.get('keypoints'), f'{path}: entry {i} (frame {numbers[image]})', names)
        if keypoints is not None:
            found.append(Detection(keypoints, track_id(entry, 'track_id', 'person_id', 'idx')))
    return frames


def _image(path: Path, i: int, entry: Any) -> Any:
    if not isinstance(entry, Mapping) or not isinstance(entry.get('image_id'), _LABELS):
        raise InputError(f'{path}: entry {i} needs an image_id, the number of the frame or the '
                         f'file name of its image, and keypoints; it is {str(entry)[:80]}')
    return entry['image_id']


def _names(content: Mapping) -> list | None:
    """Return the names of the keypoints of the first category that has them."""
    categories = content.get('categories')
    for category in categories if isinstance(categories, list) else ():
        if isinstance(category, Mapping) and isinstance(category.get('keypoints'), list):
            return category['keypoints']
    return None
