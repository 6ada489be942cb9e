# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Real footage with 3D truth: every frame through the whole machine, per correction.

`truth_dir` holds `<camera>_truth.npz` with `camera_xyz` (F, J, 3) metres in that camera's optical
frame, `keypoints2d` (F, J, 3) px and score, `names` (J,), `K`, `distortion`, `fps`; `videos_dir`
the footage `<camera>.mp4`. The man whose truth it is is told from bystanders by his keypoints.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
import re

import numpy as np
from tqdm import tqdm

from pose_machine_ros.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation import metrics
from pose_machine_ros.lifter import CORRECTIONS
from pose_machine_ros.machine import MachineConfig, PoseMachine
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17, LIMB_JOINTS
from pose_machine_ros.video import VideoFile

_JOINTS = [HUMAN36M_17.index(n) for n in LIMB_JOINTS]
LIMB_KEYPOINTS = [COCO_17.index(n) for n in LIMB_JOINTS]
KNOWN_SCORE = 0.3  # keypoints of the truth below are not counted
_HIPS = [LIMB_JOINTS.index(n) for n in ('left_hip', 'right_hip')]


@dataclass(frozen=True)
class Truth:
    """What is known of the man in one video."""

    name: str
    joints: np.ndarray  # (F, 12, 3) LIMB_JOINTS, metres, camera optical frame
    keypoints: np.ndarray  # (F, 12, 3) px and score, of another, strong detector
    matrix: np.ndarray  # (3, 3)
    distortion: np.ndarray
    fps: float

    @classmethod
    def load(cls, path: Path) -> Truth:
        """Read one file; raises InputError where an array is missing."""
        try:
            data = np.load(path, allow_pickle=False)
            names = [_snake(str(n)) for n in data['names']]
            picked = [names.index(n) for n in LIMB_JOINTS]
            return cls(path.name.removesuffix('_truth.npz'), data['camera_xyz'][:, picked],
                       data['keypoints2d'][:, picked], data['K'], data['distortion'],
                       float(data['fps']))
        except (OSError, KeyError, ValueError) as error:
            raise InputError(
                f'{path} is no truth file ({error}); it needs camera_xyz, keypoints2d, names, K, '
                'distortion and fps') from error


def find_truths(truth_dir: Path) -> list[Truth]:
    """Return the truths of a folder in the order of their names; raises InputError for none."""
    paths = sorted(Path(truth_dir).glob('*_truth.npz'))
    if not paths:
        raise InputError(f'{truth_dir} has no file <camera>_truth.npz')
    return [Truth.load(p) for p in paths]


def evaluate(truth_dir: Path, videos_dir: Path, config: MachineConfig = MachineConfig(),
             corrections: tuple[str, ...] = CORRECTIONS) -> dict:
    """Return per correction and view the errors of the skeletons; see `measure`.

    All frames are used, as one that keeps up with the camera would. One man, few seconds: the
    frames hang together strongly.
    """
    result: dict[str, dict] = {}
    for truth in find_truths(truth_dir):
        for correction in corrections:
            lifting = replace(config.lifting, correction=correction)
            machine = PoseMachine(replace(config, lifting=lifting))
            joints, reprojection = _follow(machine, truth, Path(videos_dir) / f'{truth.name}.mp4')
            result.setdefault(correction, {})[truth.name] = {
                **measure(joints, truth.joints, truth.fps),
                'reprojection_px': float(np.nanmean(reprojection))}
    return result


def measure(joints: np.ndarray, truth: np.ndarray, fps: float) -> dict[str, float]:
    """Compare LIMB_JOINTS (F, 12, 3) in metres, camera frame, NaN where nobody was found.

    `mpjpe_mm` is centred between the hips; `root_error_mm` is the median distance between the
    middles of the hips.
    """
    middle, true_middle = (x[:, _HIPS].mean(1, keepdims=True) for x in (joints, truth))
    relative, true_relative = joints - middle, truth - true_middle
    found = np.isfinite(joints).all((1, 2))
    away = np.linalg.norm((middle - true_middle)[:, 0], axis=-1)
    return {
        'frames': int(found.sum()), 'frames_of_truth': len(truth),
        'mpjpe_mm': metrics.mpjpe(relative, true_relative),
        'pa_mpjpe_mm': metrics.pa_mpjpe(joints, truth),
        'accel_error_mm': metrics.acceleration_error(relative, true_relative, fps),
        'root_error_mm': 1e3 * float(np.nanmedian(away))}


def _follow(machine: PoseMachine, truth: Truth, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the man's LIMB_JOINTS (F, 12, 3), metres, and reprojection errors (F,), px."""
    video = VideoFile(path)
    camera = Camera(truth.matrix, video.width, video.height, truth.distortion)
    joints = np.full(truth.joints.shape, np.nan)
    errors = np.full(len(joints), np.nan)
    for i, (stamp_ns, image) in zip(range(len(joints)), tqdm(
            video, desc=f'{truth.name} {machine.config.lifting.correction}', total=len(joints))):
        skeleton = _nearest(machine.step(image, stamp_ns, camera), truth.keypoints[i], camera)
        if skeleton is not None:
            joints[i] = skeleton.xyz[_JOINTS]
            errors[i] = skeleton.reprojection_px
    return joints, errors


def _nearest(skeletons: list[Skeleton], keypoints: np.ndarray, camera: Camera) -> Skeleton | None:
    """Return the skeleton whose keypoints lie nearest to the man's (12, 3), if near at all."""
    known = keypoints[:, 2] > KNOWN_SCORE
    best, least = None, 0.1 * max(camera.width, camera.height)
    for skeleton in skeletons:
        seen = skeleton.keypoints[LIMB_KEYPOINTS, :2]
        away = np.linalg.norm(seen - keypoints[:, :2], axis=-1)[known]
        distance = np.nanmean(away) if np.isfinite(away).any() else np.inf
        if distance < least:
            best, least = skeleton, distance
    return best


def _snake(name: str) -> str:
    """LShoulder -> left_shoulder."""
    side = {'L': 'left_', 'R': 'right_'}.get(name[0], '') if name[1:2].isupper() else ''
    stem = name[1:] if side else name
    return side + re.sub(r'(?<!^)(?=[A-Z])', '_', stem).lower()
