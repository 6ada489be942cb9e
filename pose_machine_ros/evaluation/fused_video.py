# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Evaluation of the fusion on real video of one subject, seen by several cameras at once.

`truth_dir` and `videos_dir` are those of `real_video`; `truth_dir/rig.yaml` has the pose of each
camera: `rotation` (3, 3) and `translation` (3,), metres, with
x_camera = rotation @ x_world + translation. The first frames of all videos are simultaneous.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm
import yaml

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation import fusion_methods, metrics, real_video
from pose_machine_ros.evaluation.frame_offset import align_frames, frame_offset
from pose_machine_ros.evaluation.real_video import GroundTruth, LIMB_KEYPOINTS
from pose_machine_ros.evaluation.rig_views import Rounds, select_cameras
from pose_machine_ros.evaluation.world_metrics import evaluate, WorldTruth
from pose_machine_ros.fusion.view import View
from pose_machine_ros.machine import MachineConfig, PoseMachine
from pose_machine_ros.skeleton import HUMAN36M_17, LIMB_JOINTS

_HIPS = [LIMB_JOINTS.index(n) for n in ('left_hip', 'right_hip')]


@dataclass(frozen=True)
class RigVideo:
    """What the pose machine makes of simultaneous videos, and the truth."""

    cameras: dict[str, Camera]
    rounds: Rounds  # all people
    subject: Rounds  # the measured person alone
    truth: WorldTruth  # LIMB_JOINTS, in the world
    frames: list[int]  # of the videos, by round


def load_rig(path: Path) -> dict[str, RigidTransform]:
    """Return the pose of each camera in the world; raises InputError for another file."""
    try:
        rig = yaml.safe_load(path.read_text())
        return {name: RigidTransform(np.array(row['rotation'], float),
                                     np.array(row['translation'], float)).inverse()
                for name, row in rig.items()}
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f'{path} has no poses of cameras ({error}); it needs rotation and '
                         'translation of each camera, x_camera = rotation @ x_world + translation'
                         ) from error


def run_videos(truth_dir: Path, videos_dir: Path, config: MachineConfig = MachineConfig(),
               offset: int | None = None) -> RigVideo:
    """Return what the whole machine makes of the video of each camera with a ground truth.

    `offset` is the number of frames by which the videos are behind the ground truth, None to
    estimate it. Raises InputError if a file is missing.
    """
    poses = load_rig(truth_dir / 'rig.yaml')
    truths = real_video.load_ground_truths(truth_dir)
    if missing := [t.name for t in truths if t.name not in poses]:
        raise InputError(f'{truth_dir / "rig.yaml"} has no pose of {", ".join(missing)}')
    machine = PoseMachine(config)
    rounds, subjects, cameras = [], [], {}
    for truth in truths:
        seen, subject, shift, cameras[truth.name] = _run(
            truth, videos_dir, machine, poses[truth.name])
        offset = shift if offset is None else offset
        rounds.append(seen)
        subjects.append(subject)
    count = min(len(seen) for seen in rounds)
    frames, of_truth = align_frames(np.arange(count), np.arange(count), offset)
    joints = poses[truths[0].name].apply(truths[0].joints[of_truth])
    stamps = np.array([rounds[0][t].stamp_ns for t in frames])
    return RigVideo(
        cameras, *([[camera[t] for camera in views] for t in frames]
                   for views in (rounds, subjects)),
        WorldTruth(joints, HUMAN36M_17.indices(LIMB_JOINTS), _HIPS, stamps),
        frames.tolist())


def evaluate_video(video: RigVideo) -> dict[str, dict]:
    """Return the figures of each method, as `metrics.summarize` returns them."""
    rows = {name: fusion_methods.single(video.subject, i) for i, name in enumerate(video.cameras)}
    rows |= {f'fused, {name} alone': fusion_methods.fused(
        select_cameras(video.rounds, [i]), video.truth.joints)
        for i, name in enumerate(video.cameras)}
    rows['mean of skeletons'] = fusion_methods.mean_of_skeletons(video.subject)
    rows['triangulation'] = fusion_methods.triangulated(video.subject)
    rows['fused'] = fusion_methods.fused(video.rounds, video.truth.joints)
    return {name: metrics.summarize([evaluate(row, video.truth)]) for name, row in rows.items()}


def _run(truth: GroundTruth, videos_dir: Path, machine: PoseMachine,
         pose: RigidTransform) -> tuple[list[View], list[View], int, Camera]:
    """Return the views of one video with all people and with the subject, offset and camera."""
    video = truth.video(videos_dir)
    camera = truth.camera(video.width, video.height)
    machine.reset()
    views, subjects, keypoints = [], [], []
    for expected, (stamp_ns, image) in zip(truth.keypoints, tqdm(video, truth.name)):
        skeletons = machine.step(image, stamp_ns, camera)
        found, _ = real_video.select_subject(machine.people, expected, video)
        keypoints.append(found[LIMB_KEYPOINTS])
        views.append(View(truth.name, stamp_ns, pose, skeletons))
        subjects.append(View(truth.name, stamp_ns, pose, [
            s for s in skeletons if np.array_equal(s.keypoints, found, equal_nan=True)]))
    offset = frame_offset(np.stack(keypoints), truth.keypoints[:len(keypoints)])
    return views, subjects, offset, camera
