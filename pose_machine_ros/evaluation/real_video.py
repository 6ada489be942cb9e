# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Real video with 3D ground truth of one subject, recorded by calibrated cameras.

`truth_dir` holds `<camera>_truth.npz` with `camera_xyz` (F, J, 3) metres in that camera's optical
frame, `keypoints2d` (F, J, 3) px and score, `names` (J,), `K`, `distortion`, `fps`; `videos_dir`
holds the videos `<camera>.mp4`. The 2D keypoints of the ground truth distinguish the subject from
other people in the video.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import logging
from pathlib import Path
import re

import numpy as np
from tqdm import tqdm

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation.clips import Clip
from pose_machine_ros.evaluation.frame_offset import align_frames, frame_offset
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.machine import MachineConfig, PoseMachine
from pose_machine_ros.pose import Appearance, Person2D, unseen_keypoints
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17, LIMB_JOINTS

_JOINTS = HUMAN36M_17.indices(LIMB_JOINTS)
LIMB_KEYPOINTS = COCO_17.indices(LIMB_JOINTS)
MIN_TRUTH_SCORE = 0.3  # of the keypoints of the ground truth that count
_HIPS = [LIMB_JOINTS.index(n) for n in ('left_hip', 'right_hip')]
_MAX_DISTANCE = 0.1  # mean, from the subject's keypoints, over the longer side of the image
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class GroundTruth:
    """The ground truth of the subject in one video."""

    name: str
    joints: np.ndarray  # (F, 12, 3) LIMB_JOINTS, metres, camera optical frame
    all_keypoints: np.ndarray  # (F, 17, 3) COCO-17: px and score, of another, strong detector
    matrix: np.ndarray  # (3, 3)
    distortion: np.ndarray
    fps: float

    @classmethod
    def load(cls, path: Path) -> GroundTruth:
        """Read one file; raises InputError if an array is missing."""
        try:
            data = np.load(path, allow_pickle=False)
            names = [_snake(str(n)) for n in data['names']]
            picked = [names.index(n) for n in LIMB_JOINTS]
            keypoints = data['keypoints2d'][:, [names.index(n) for n in COCO_17.names]]
            keypoints = np.where(keypoints[..., 2:] > 0, keypoints, (np.nan, np.nan, 0.0))
            return cls(path.name.removesuffix('_truth.npz'), data['camera_xyz'][:, picked],
                       keypoints, data['K'], data['distortion'], float(data['fps']))
        except (OSError, KeyError, ValueError) as error:
            raise InputError(
                f'{path} is not a ground truth file ({error}); it needs camera_xyz, keypoints2d, '
                'names, K, distortion and fps') from error

    @property
    def keypoints(self) -> np.ndarray:
        """Return the keypoints of LIMB_JOINTS, (F, 12, 3)."""
        return self.all_keypoints[:, LIMB_KEYPOINTS]

    def camera(self, width: int, height: int) -> Camera:
        """Return the camera of the view for images of that size in px."""
        return Camera(self.matrix, width, height, self.distortion)

    def video(self, videos_dir: Path) -> VideoFile:
        """Open the video of the view; raises InputError if it is missing."""
        return VideoFile(Path(videos_dir) / f'{self.name}.mp4')

    def clip(self, keypoints: np.ndarray, stamps_ns: np.ndarray, camera: Camera, begin: int = 0,
             **source: object) -> Clip:
        """Return the subject from frame `begin` of the ground truth on; origin between the hips.

        `source` are further fields of the clip.
        """
        return Clip(self.name, keypoints, stamps_ns, camera,
                    self.joints[begin:][:len(keypoints)], _JOINTS, _HIPS, **source)


def load_ground_truths(truth_dir: Path) -> list[GroundTruth]:
    """Return the ground truth files of a folder, by name; raises InputError if there are none."""
    paths = sorted(Path(truth_dir).glob('*_truth.npz'))
    if not paths:
        raise InputError(f'{truth_dir} has no file <camera>_truth.npz')
    return [GroundTruth.load(p) for p in paths]


def clips(truth_dir: Path, videos_dir: Path, config: MachineConfig = MachineConfig(),
          offset: int | None = None) -> list[Clip]:
    """Return the subject of each view as the 2D part of the machine detects them.

    The whole machine runs, because the tracker uses the motion that the 3D pose predicts. It
    processes every frame, as on a computer that keeps up with the camera. `offset` is the number of
    frames by which the videos are behind the ground truth; None estimates it with `frame_offset`.
    Raises InputError if a video is missing.
    """
    machine = PoseMachine(config)
    return [_clip(truth, Path(videos_dir), machine, offset)
            for truth in load_ground_truths(truth_dir)]


def run_machine(truth: GroundTruth, videos_dir: Path,
                machine: PoseMachine) -> Iterator[tuple[int, list[Person2D]]]:
    """Yield the stamp of each frame of the video, and the people whom the machine sees in it."""
    video = truth.video(videos_dir)
    camera = truth.camera(video.width, video.height)
    machine.reset()
    for _, (stamp_ns, image) in zip(truth.joints, tqdm(video, truth.name, len(truth.joints))):
        machine.step(image, stamp_ns, camera)
        yield stamp_ns, machine.people


def select_subject(people: list[Person2D], expected: np.ndarray,
                   video: VideoFile) -> tuple[np.ndarray, Appearance | None]:
    """Return the keypoints (17, 3) of the person nearest to `expected` (12, 3), NaN for none.

    The second value is what the 2D network computed of that person's picture.
    """
    known = expected[:, 2] > MIN_TRUTH_SCORE
    least = _MAX_DISTANCE * max(video.width, video.height)
    best, appearance = unseen_keypoints(), None
    for person in people:
        away = np.linalg.norm(person.keypoints[LIMB_KEYPOINTS, :2] - expected[:, :2], axis=-1)
        distance = np.nanmean(away[known]) if np.isfinite(away[known]).any() else np.inf
        if distance < least:
            best, least, appearance = person.keypoints, distance, person.appearance
    return best, appearance


def _clip(truth: GroundTruth, videos_dir: Path, machine: PoseMachine, offset: int | None) -> Clip:
    video = truth.video(videos_dir)
    stamps, people = zip(*run_machine(truth, videos_dir, machine))
    subjects, appearances = zip(*(
        select_subject(p, expected, video) for p, expected in zip(people, truth.keypoints)))
    keypoints = np.stack(subjects)
    if offset is None:
        offset = frame_offset(keypoints[:, LIMB_KEYPOINTS], truth.keypoints[:len(keypoints)])
    _LOGGER.info('%s: the video is %d frame(s) behind the ground truth', truth.name, offset)
    frames, of_truth = align_frames(np.arange(len(keypoints)), np.arange(len(keypoints)), offset)
    return truth.clip(
        keypoints[frames], np.array(stamps)[frames], truth.camera(video.width, video.height),
        int(of_truth[0]), video=video.path, first_frame=int(frames[0]),
        appearances=[appearances[i] for i in frames])


def clips_of_given_keypoints(truth_dir: Path) -> list[Clip]:
    """Return the subject of each view with the keypoints of the ground truth files."""
    result = []
    for truth in load_ground_truths(truth_dir):
        stamps = np.round(np.arange(len(truth.joints)) / truth.fps * 1e9).astype(np.int64)
        size = np.ceil(2 * truth.matrix[:2, 2]).astype(int)  # the files lack the image size
        camera = truth.camera(int(size[0]), int(size[1]))
        result.append(truth.clip(truth.all_keypoints, stamps, camera))
    return result


def _snake(name: str) -> str:
    """Return left_shoulder for LShoulder."""
    side = {'L': 'left_', 'R': 'right_'}.get(name[0], '') if name[1:2].isupper() else ''
    stem = name[1:] if side else name
    return side + re.sub(r'(?<!^)(?=[A-Z])', '_', stem).lower()
