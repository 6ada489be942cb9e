# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""JSON files of detectors, with the format recognized by the content."""

from __future__ import annotations

from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.detections import coco, mmpose, openpose
from pose_machine_ros.io.detections.detections import Detection, DetectionSequence
from pose_machine_ros.io.detections.frame_numbers import frame_numbers

_FORMATS = ('OpenPose (people), COCO keypoint results or annotations (image_id, keypoints), MMPose '
            'predictions (instance_info, or frames with instances) and Ultralytics (keypoints with '
            'x and y) are known')


def read_detections(path: str | Path) -> DetectionSequence:
    """Read a JSON file, or a folder with one JSON file per frame as OpenPose writes it.

    Raises InputError that names the file and the frame if it cannot be read.
    """
    path = Path(path)
    return _read_folder(path) if path.is_dir() else _read_file(path)


def _read_folder(folder: Path) -> DetectionSequence:
    files = sorted(folder.glob(f'*{openpose.SUFFIX}')) or sorted(folder.glob('*.json'))
    if not files:
        raise InputError(f'{folder} has no *{openpose.SUFFIX} files; give the folder that OpenPose '
                         'wrote with --write_json, or a .json or .npz file')
    names = [f.name.removesuffix(openpose.SUFFIX).removesuffix('.json') for f in files]
    numbers = frame_numbers(names, str(folder))
    return DetectionSequence(folder, {n: _frame(f) for n, f in zip(numbers, files)})


def _frame(path: Path) -> list[Detection]:
    """Return the detections in a file of one frame."""
    content = _load(path)
    if openpose.is_frame(content):
        return openpose.parse_frame(content, str(path))
    if isinstance(content, list) and not any(_has(e, 'image_id', 'instances') for e in content):
        return mmpose.parse_frame(content, str(path))
    raise InputError(f'{path} is not the JSON of one frame as OpenPose writes it, with people; '
                     'give a file with all frames by its own name')


def _read_file(path: Path) -> DetectionSequence:
    content = _load(path)
    if isinstance(content, Mapping):
        if openpose.is_frame(content):
            return DetectionSequence(path, {0: openpose.parse_frame(content, str(path))})
        if content and all(map(openpose.is_frame, content.values())):
            return openpose.read_frames(path, content)
        if isinstance(content.get('predictions'), list):
            return mmpose.read_predictions(path, content['predictions'])
        if 'instance_info' in content:
            return mmpose.read_predictions(path, content['instance_info'],
                                           content.get('meta_info'))
        if 'annotations' in content:
            return coco.read_dataset(path, content)
    elif isinstance(content, list):
        if any(_has(e, 'image_id') for e in content):
            return coco.read_results(path, content)
        if content and all(_has(e, 'predictions') and isinstance(e['predictions'], list)
                           for e in content):  # results of the inferencer for single images
            return mmpose.read_predictions(path, [f for e in content for f in e['predictions']])
        if not content or all(isinstance(e, list) for e in content) \
                or any(_has(e, 'instances', 'keypoints') for e in content):
            return mmpose.read_predictions(path, content)
    raise InputError(f'{path} is JSON of an unknown format ({_summary(content)}); {_FORMATS}')


def _summary(content: Any) -> str:
    if not isinstance(content, Mapping):
        return f'a {type(content).__name__}'
    return f'with {", ".join(map(str, list(content)[:5]))}' if content else 'an empty object'


def _has(entry: Any, *names: str) -> bool:
    return isinstance(entry, Mapping) and any(n in entry for n in names)


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())  # UTF-8, 16 or 32
    except OSError as error:
        raise InputError(f'{path} cannot be read: {error.strerror or error}') from error
    except (ValueError, RecursionError) as error:
        raise InputError(f'{path} is not JSON: {error}; write it again with the detector'
                         ) from error
