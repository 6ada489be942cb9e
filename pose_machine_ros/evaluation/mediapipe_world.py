# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The world landmarks of MediaPipe Pose on the same frames, for comparison."""

from __future__ import annotations

from contextlib import closing
import itertools
from pathlib import Path

import numpy as np
import torch

from pose_machine_ros.correction.root import locate
from pose_machine_ros.evaluation.clips import Clip, Prediction
from pose_machine_ros.evaluation.mediapipe_process import MediaPipeProcess
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.skeleton import (
    BLAZEPOSE_33, COCO_17, convert_keypoints, HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS,
    SHARED_LANDMARKS)


class MediaPipeWorld:
    """World landmarks of the person that MediaPipe tracks, who may be another than the subject."""

    def __init__(self, model: str, python: Path) -> None:
        """Use a model of mediapipe_process.MODELS in an environment that has MediaPipe."""
        self._model, self._python = model, python

    def __call__(self, clips: list[Clip]) -> list[Prediction]:
        return [self._predict(clip) for clip in clips]

    def _predict(self, clip: Clip) -> Prediction:
        positions = np.full((len(clip.stamps_ns), len(HUMAN36M_17), 3), np.nan)
        frames = itertools.islice(VideoFile(clip.video), clip.first_frame,
                                  clip.first_frame + len(positions))
        with closing(MediaPipeProcess(self._python, self._model)) as network:
            for row, (_, image) in zip(positions, frames):
                _, world, seen = network.step(image)
                if world is None:
                    continue
                seen[:, :2] *= clip.camera.width, clip.camera.height
                row[SHARED_JOINTS] = world[SHARED_LANDMARKS] + _root_position(world, seen, clip)
        return Prediction(positions)


def _root_position(world: np.ndarray, seen: np.ndarray, clip: Clip) -> np.ndarray:
    """Return the position in metres of the landmarks' origin that fits their rays best."""
    keypoints = torch.from_numpy(convert_keypoints(seen, BLAZEPOSE_33, COCO_17))
    joints = torch.zeros(len(HUMAN36M_17), 3).double()
    joints[SHARED_JOINTS] = torch.from_numpy(world[SHARED_LANDMARKS])
    weights = torch.zeros(len(COCO_17)).double()
    weights[SHARED_KEYPOINTS] = keypoints[SHARED_KEYPOINTS, 2]
    plane = clip.camera.normalize(keypoints[:, :2]).nan_to_num()
    return locate(joints, plane, weights).numpy()
