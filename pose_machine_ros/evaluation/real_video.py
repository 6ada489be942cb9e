# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Real footage with 3D truth: one man, seen by calibrated cameras.

`truth_dir` holds `<camera>_truth.npz` with `camera_xyz` (F, J, 3) metres in that camera's optical
frame, `keypoints2d` (F, J, 3) px and score, `names` (J,), `K`, `distortion`, `fps`; `videos_dir`
the footage `<camera>.mp4`. The man whose truth it is is told from bystanders by his keypoints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import logging
from pathlib import Path
import re

import numpy as np
from tqdm import tqdm

from pose_machine_ros.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation.clips import Clip
from pose_machine_ros.evaluation.frame_offset import frame_offset, together
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.machine import MachineConfig, PoseMachine
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17, LIMB_JOINTS

_JOINTS = [HUMAN36M_17.index(n) for n in LIMB_JOINTS]
LIMB_KEYPOINTS = [COCO_17.index(n) for n in LIMB_JOINTS]
KNOWN_SCORE = 0.3  # keypoints of the truth below are not counted
_HIPS = [LIMB_JOINTS.index(n) for n in ('left_hip', 'right_hip')]
_FAR = 0.1  # of the picture's longer side: who is further from the man's keypoints is not he
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Truth:
    """What is known of the man in one video."""

    name: str
    joints: np.ndarray  # (F, 12, 3) LIMB_JOINTS, metres, camera optical frame
    all_keypoints: np.ndarray  # (F, 17, 3) COCO-17: px and score, of another, strong detector
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
            keypoints = data['keypoints2d'][:, [names.index(n) for n in COCO_17.names]]
            keypoints = np.where(keypoints[..., 2:] > 0, keypoints, (np.nan, np.nan, 0.0))
            return cls(path.name.removesuffix('_truth.npz'), data['camera_xyz'][:, picked],
                       keypoints, data['K'], data['distortion'], float(data['fps']))
        except (OSError, KeyError, ValueError) as error:
            raise InputError(
                f'{path} is no truth file ({error}); it needs camera_xyz, keypoints2d, names, K, '
                'distortion and fps') from error

    @property
    def keypoints(self) -> np.ndarray:
        """(F, 12, 3) those of LIMB_JOINTS."""
        return self.all_keypoints[:, LIMB_KEYPOINTS]

    def camera(self, width: int, height: int) -> Camera:
        """Return the view's camera for pictures of that size in px."""
        return Camera(self.matrix, width, height, self.distortion)

    def video(self, videos_dir: Path) -> VideoFile:
        """Open the view's video; raises InputError where it is missing."""
        return VideoFile(Path(videos_dir) / f'{self.name}.mp4')

    def clip(self, keypoints: np.ndarray, stamps_ns: np.ndarray, camera: Camera, begin: int = 0,
             video: Path | None = None, first_frame: int = 0) -> Clip:
        """Return the man from the truth's frame `begin` on, centred between the hips."""
        return Clip(self.name, keypoints, stamps_ns, camera,
                    self.joints[begin:][:len(keypoints)], _JOINTS, _HIPS, video=video,
                    first_frame=first_frame)


def find_truths(truth_dir: Path) -> list[Truth]:
    """Return the truths of a folder in the order of their names; raises InputError for none."""
    paths = sorted(Path(truth_dir).glob('*_truth.npz'))
    if not paths:
        raise InputError(f'{truth_dir} has no file <camera>_truth.npz')
    return [Truth.load(p) for p in paths]


def clips(truth_dir: Path, videos_dir: Path, config: MachineConfig = MachineConfig(),
          behind: int | None = None) -> list[Clip]:
    """Return each view's man in 2D as the whole machine sees him, frame by frame.

    The whole, since where it looks for a person comes from where the 3D pose says they are going.
    All frames are used, as one that keeps up with the camera would. One man, few seconds: the
    frames hang together strongly. `behind`: frames by which the videos are behind the truth, None
    to tell it from the keypoints (`synchrony`). Raises InputError where a video is missing.
    """
    machine = PoseMachine(config)
    return [_clip(truth, Path(videos_dir), machine, behind) for truth in find_truths(truth_dir)]


def watch(truth: Truth, videos_dir: Path, machine: PoseMachine
          ) -> Iterator[tuple[int, list[Skeleton]]]:
    """Yield the stamp of each frame of a truth's video, and whom the machine sees there."""
    video = truth.video(videos_dir)
    camera = truth.camera(video.width, video.height)
    machine.reset()
    for _, (stamp_ns, image) in zip(truth.joints, tqdm(video, truth.name, len(truth.joints))):
        yield stamp_ns, machine.step(image, stamp_ns, camera)


def pick_person(people: list[Skeleton], expected: np.ndarray, video: VideoFile) -> np.ndarray:
    """Return the keypoints (17, 3) of whom the truth's keypoints (12, 3) show, NaN for nobody."""
    known = expected[:, 2] > KNOWN_SCORE
    least = _FAR * max(video.width, video.height)
    best = np.full((len(COCO_17), 3), np.nan, np.float32)
    best[:, 2] = 0
    for person in people:
        away = np.linalg.norm(person.keypoints[LIMB_KEYPOINTS, :2] - expected[:, :2], axis=-1)
        distance = np.nanmean(away[known]) if np.isfinite(away[known]).any() else np.inf
        if distance < least:
            best, least = person.keypoints, distance
    return best


def _clip(truth: Truth, videos_dir: Path, machine: PoseMachine, behind: int | None) -> Clip:
    video = truth.video(videos_dir)
    stamps, people = zip(*watch(truth, videos_dir, machine))
    keypoints = np.stack([
        pick_person(p, expected, video) for p, expected in zip(people, truth.keypoints)])
    if behind is None:
        behind = frame_offset(keypoints[:, LIMB_KEYPOINTS], truth.keypoints[:len(keypoints)])
    _LOGGER.info('%s: the video is %d frame(s) behind its truth', truth.name, behind)
    frames, of_truth = together(np.arange(len(keypoints)), np.arange(len(keypoints)), behind)
    return truth.clip(
        keypoints[frames], np.array(stamps)[frames], truth.camera(video.width, video.height),
        int(of_truth[0]), video.path, int(frames[0]))


def given_clips(truth_dir: Path) -> list[Clip]:
    """Return each view's man as the other, stronger 2D detector of the truth's files saw him."""
    result = []
    for truth in find_truths(truth_dir):
        stamps = np.round(np.arange(len(truth.joints)) / truth.fps * 1e9).astype(np.int64)
        size = np.ceil(2 * truth.matrix[:2, 2]).astype(int)  # the files don't give the size
        camera = truth.camera(int(size[0]), int(size[1]))
        result.append(truth.clip(truth.all_keypoints, stamps, camera))
    return result


def _snake(name: str) -> str:
    """Return the name in snake case: left_shoulder for LShoulder."""
    side = {'L': 'left_', 'R': 'right_'}.get(name[0], '') if name[1:2].isupper() else ''
    stem = name[1:] if side else name
    return side + re.sub(r'(?<!^)(?=[A-Z])', '_', stem).lower()
