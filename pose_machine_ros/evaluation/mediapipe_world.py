# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""MediaPipe Pose's world landmarks on the same frames: what most people use today.

MediaPipe is not installed with this package: it pins old versions of what we need. `pip install
--no-deps --target DIR mediapipe==0.10.14 absl-py flatbuffers attrs 'protobuf>=4.25.3,<5'` puts it
where PYTHONPATH=DIR finds it. The heavy model is not in it: it is `pose_landmark_heavy.tflite` of
the npm package @mediapipe/pose 0.5.1675469404, and belongs into mediapipe/modules/pose_landmark.
"""

from __future__ import annotations

import itertools

import numpy as np
import torch

from pose_machine_ros.correction.root import locate
from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation.clips import Clip, Prediction
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.skeleton import (
    BLAZEPOSE_33, COCO_17, convert_keypoints, HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS)

MODELS = {'full': 1, 'heavy': 2}
_LANDMARKS = [BLAZEPOSE_33.index(HUMAN36M_17.names[j]) for j in SHARED_JOINTS]


class MediaPipeWorld:
    """World landmarks of the one person MediaPipe follows, who need not be the one measured."""

    def __init__(self, model: str) -> None:
        """Load the network; raises InputError if MediaPipe cannot be imported."""
        try:
            from mediapipe import solutions
        except ImportError as error:
            raise InputError('--mediapipe needs MediaPipe, which is not installed with this '
                             f'package ({error}); see {__name__}') from error
        self._solutions, self._complexity = solutions, MODELS[model]

    def __call__(self, clips: list[Clip]) -> list[Prediction]:
        return [self._follow(clip) for clip in clips]

    def _follow(self, clip: Clip) -> Prediction:
        positions = np.full((len(clip.stamps_ns), len(HUMAN36M_17), 3), np.nan)
        frames = itertools.islice(VideoFile(clip.video), clip.first_frame,
                                  clip.first_frame + len(positions))
        with self._solutions.pose.Pose(model_complexity=self._complexity) as network:
            for row, (_, image) in zip(positions, frames):
                found = network.process(np.ascontiguousarray(image[..., ::-1]))
                if found.pose_world_landmarks is None:
                    continue
                world = _array(found.pose_world_landmarks)
                seen = _array(found.pose_landmarks, last='visibility')
                seen[:, :2] *= clip.camera.width, clip.camera.height
                row[SHARED_JOINTS] = world[_LANDMARKS] + _place(world, seen, clip)
        return Prediction(positions)


def _place(world: np.ndarray, seen: np.ndarray, clip: Clip) -> np.ndarray:
    """Return where the landmarks' origin stands, metres: where their rays say."""
    keypoints = torch.from_numpy(convert_keypoints(seen, BLAZEPOSE_33, COCO_17))
    joints = torch.zeros(len(HUMAN36M_17), 3).double()
    joints[SHARED_JOINTS] = torch.from_numpy(world[_LANDMARKS])
    weights = torch.zeros(len(COCO_17)).double()
    weights[SHARED_KEYPOINTS] = keypoints[SHARED_KEYPOINTS, 2]
    plane = clip.camera.normalize(keypoints[:, :2]).nan_to_num()
    return locate(joints, plane, weights).numpy()


def _array(landmarks, last: str = 'z') -> np.ndarray:
    return np.array([(p.x, p.y, getattr(p, last)) for p in landmarks.landmark])
