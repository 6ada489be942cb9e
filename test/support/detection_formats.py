# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The same people in the file formats of different detectors."""

from __future__ import annotations

from collections.abc import Callable
import json
from pathlib import Path
from typing import Any

import numpy as np

from pose_machine_ros.skeleton import BODY_25, COCO_17, COCO_18, JointSet

Frames = list[list[np.ndarray]]  # of each frame: its people, (17, 3) COCO-17


def openpose(folder: Path, frames: Frames, joints: JointSet = BODY_25) -> Path:
    folder.mkdir()
    for i, people in enumerate(frames):
        entries = [{'person_id': [-1], 'pose_keypoints_2d': _numbers(_reordered(k, joints))}
                   for k in people]
        write(folder / f'clip_{i:012}_keypoints.json', {'version': 1.3, 'people': entries})
    return folder


def openpose_coco(folder: Path, frames: Frames) -> Path:
    return openpose(folder, frames, COCO_18)


def coco_results(path: Path, frames: Frames, **more: Any) -> Path:
    return write(path.with_suffix('.json'), _entries(frames, lambda i: i, **more))


def coco_annotations(path: Path, frames: Frames) -> Path:
    return write(path.with_suffix('.json'), {
        'images': [{'id': 9000 + i, 'file_name': f'{i:06}.jpg', 'width': 404, 'height': 720}
                   for i in range(len(frames))],
        'annotations': _entries(frames, lambda i: 9000 + i),
        'categories': [{'id': 1, 'name': 'person', 'keypoints': list(COCO_17.names)}]})


def alphapose(path: Path, frames: Frames) -> Path:
    return write(path.with_suffix('.json'), _entries(frames, lambda i: f'{i}.jpg', idx=[0.0]))


def halpe(path: Path, frames: Frames) -> Path:
    longer = [[np.vstack((k, np.ones((9, 3)))) for k in people] for people in frames]
    return coco_results(path, longer)


def mmpose(path: Path, frames: Frames) -> Path:
    return write(path.with_suffix('.json'), {
        'meta_info': {'dataset_name': 'coco', 'keypoint_id2name': dict(enumerate(COCO_17.names))},
        'instance_info': _mmpose_frames(frames)})


def mmpose_inferencer(path: Path, frames: Frames) -> Path:
    return write(path.with_suffix('.json'), _mmpose_frames(frames))


def mmpose_images(folder: Path, frames: Frames) -> Path:
    folder.mkdir()
    for frame in _mmpose_frames(frames):
        write(folder / f'{frame["frame_id"]:04}.json', frame['instances'])
    return folder


def mmpose_returned(path: Path, frames: Frames) -> Path:
    """Write what MMPoseInferencer returns for a batch of images."""
    return write(path.with_suffix('.json'), {
        'predictions': [f['instances'] for f in _mmpose_frames(frames)], 'visualization': None})


def mmpose_returned_singly(path: Path, frames: Frames) -> Path:
    return write(path.with_suffix('.json'), [
        {'predictions': [f['instances']]} for f in _mmpose_frames(frames)])


def mmpose_lists(path: Path, frames: Frames) -> Path:
    return write(path.with_suffix('.json'), [f['instances'] for f in _mmpose_frames(frames)])


def alphapose_open(path: Path, frames: Frames) -> Path:
    return write(path.with_suffix('.json'), {
        f'{i}.jpg': {'version': 'AlphaPose v0.3', 'people': [
            {'pose_keypoints_2d': _numbers(_reordered(k, COCO_18))} for k in people]}
        for i, people in enumerate(frames)})


def alphapose_cmu(path: Path, frames: Frames) -> Path:
    return write(path.with_suffix('.json'), {
        f'{i}.jpg': {'version': 'AlphaPose v0.3', 'bodies': [
            {'joints': _numbers(_reordered(k, COCO_18))} for k in people]}
        for i, people in enumerate(frames)})


def ultralytics(path: Path, frames: Frames) -> Path:
    return write(path.with_suffix('.json'), [
        [{'name': 'person', 'class': 0, 'confidence': 0.9, 'box': {'x1': 1.0},
          'keypoints': dict(zip(('x', 'y', 'visible'), k.T.tolist()))} for k in people]
        for people in frames])


FORMATS: tuple[Callable[[Path, Frames], Path], ...] = (
    openpose, openpose_coco, coco_results, coco_annotations, alphapose, halpe, mmpose,
    mmpose_inferencer, mmpose_images, mmpose_returned, mmpose_returned_singly, mmpose_lists,
    alphapose_open, alphapose_cmu, ultralytics)


def write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content))
    return path


def _entries(frames: Frames, label: Callable[[int], Any], **more: Any) -> list[dict]:
    return [{'image_id': label(i), 'category_id': 1, 'keypoints': _numbers(k), 'score': 2.7, **more}
            for i, people in enumerate(frames) for k in people]


def _mmpose_frames(frames: Frames) -> list[dict]:
    return [{'frame_id': i, 'instances': [
        {'keypoints': k[:, :2].tolist(), 'keypoint_scores': k[:, 2].tolist(),
         'bbox': [[0, 0, 1, 1]], 'bbox_score': 0.9} for k in people]}
        for i, people in enumerate(frames)]


def _reordered(keypoints: np.ndarray, joints: JointSet) -> np.ndarray:
    """Return keypoints in another order; joints that COCO-17 lacks have arbitrary positions."""
    rows = np.full((len(joints), 3), (1, 1, 0.9))
    for row, name in zip(rows, joints.names):
        if name in COCO_17.names:
            row[:] = keypoints[COCO_17.index(name)]
    return rows


def _numbers(keypoints: np.ndarray) -> list[float]:
    return keypoints.ravel().tolist()
