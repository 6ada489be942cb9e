# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Synthetic scenes: captured people cross in front of cameras."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import math
from pathlib import Path

import numpy as np
from scipy import ndimage
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.mocap.motion_capture import interpolate_frames, MotionCaptureDataset
from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.synthesis import noise, views

CAMERA = Camera.from_fov(1280, 720, math.radians(70))
_FOCAL = CAMERA.matrix[0, 0]
_CENTRE = CAMERA.matrix[:2, 2]
_SECONDS = 5.0
_NEAR = 0.1  # metres
_MIN_SPEED = 0.6  # m/s, of the captured clips that count as a walk
_MIN_STRAIGHTNESS = 0.8  # of those: distance between their ends over the length of their path
_NEAREST_LANE, _LANE_SPACING = 2.8, 0.55  # metres
_EASE_SECONDS = 0.15  # standard deviation over which a walk starts, stops or turns back
_TURN_BACK = 0.2  # probability that a person turns back halfway
# Radii in metres of the body parts that occlude other people.
_LIMB, _TRUNK, _HEAD = 0.06, 0.16, 0.11
_PILLAR_DISTANCE, _PILLAR_WIDTH = 2.0, 0.3  # metres; nearer than every person


@dataclass(frozen=True)
class Crossing:
    """P people over T frames, as one camera sees them."""

    stamps_ns: np.ndarray  # (T,) int64
    joints: np.ndarray  # (T, P, 17, 3) HUMAN36M_17, metres, camera optical frame
    keypoints: np.ndarray  # (T, P, 17, 2) COCO-17, px
    occluded: np.ndarray  # (T, P, 17) bool: outside the image or behind something
    occluder: np.ndarray  # (T, P, 17) int: the person in front of each keypoint, -1 for none
    noisy_keypoints: np.ndarray  # (T, P, 17, 3) px and score with a 2D network's errors


@dataclass(frozen=True)
class CrossingScenario:
    """A kind of crossing."""

    people: int
    fps: float = 30.0
    has_pillar: bool = False  # in front of all people


@dataclass(frozen=True)
class Scene:
    """P people over T frames in the world, and a camera in front of them."""

    stamps_ns: np.ndarray  # (T,) int64
    joints: np.ndarray  # (T, P, 25, 3) MOCAP_25, metres, z up
    pose: RigidTransform  # of the camera's optical frame in the world


def crossings(data: Path, scenario: CrossingScenario, count: int, seed: int = 0
              ) -> Iterator[Crossing]:
    """Yield `count` crossings; the same seed gives the same crossings.

    Each person walks on their own lane from one side of the image to the other, and some turn back
    halfway. All meet near the middle of the image in the middle of the time. The walks come from
    the split `test` of the motion capture file `data`. Raises InputError if it has none.
    """
    for scene, rng in scenes(data, scenario, count, seed):
        yield see(scene, scene.pose, scenario, rng)


def scenes(data: Path, scenario: CrossingScenario, count: int, seed: int = 0
           ) -> Iterator[tuple[Scene, np.random.Generator]]:
    """Yield the people of the crossings, and the generator for what the camera in front sees."""
    walks, fps = walks_of(data)
    for number in range(count):
        rng = np.random.default_rng((seed, scenario.people, number))
        yield _scene(walks, fps, scenario, rng), rng


def walks_of(data: Path) -> tuple[list[np.ndarray], float]:
    """Return the walks (T, 25, 3) in the split `test` of a motion capture file, and their rate.

    Raises InputError if it has none.
    """
    motion = MotionCaptureDataset.load(data, 'test')
    walks = [clip for clip in (motion.clip(i).numpy() for i in range(len(motion)))
             if _is_walk(clip, motion.fps)]
    if not walks:
        raise InputError(f'{data} has no clip of a walk in its split test')
    return walks, motion.fps


def _is_walk(clip: np.ndarray, fps: float) -> bool:
    root = clip[:, 0, :2]
    path = np.linalg.norm(np.diff(root, axis=0), axis=1).sum()
    distance = np.linalg.norm(root[-1] - root[0])
    return bool(len(clip) > fps and path * fps > _MIN_SPEED * len(clip)
                and distance > _MIN_STRAIGHTNESS * path)


def _scene(walks: list[np.ndarray], fps: float, scenario: CrossingScenario,
           rng: np.random.Generator) -> Scene:
    times = np.arange(0, _SECONDS, 1 / scenario.fps)
    lanes = _NEAREST_LANE + _LANE_SPACING * (
        np.arange(scenario.people) + rng.uniform(-0.2, 0.2, scenario.people))
    world = np.stack([
        _walk(walks[k], fps, times, lane, rng)
        for k, lane in zip(rng.integers(len(walks), size=scenario.people), rng.permutation(lanes))],
        1)
    return Scene(np.round(times * 1e9).astype(np.int64), world, _front_camera(rng))


def see(scene: Scene, pose: RigidTransform, scenario: CrossingScenario,
        rng: np.random.Generator) -> Crossing:
    """Return a scene as CAMERA sees it at a pose in the world."""
    joints = torch.from_numpy(pose.inverse().apply(scene.joints).astype(np.float32))
    points = views.coco_points(joints)
    plane = views.image_plane(points)
    occluder, occluded = _occlusion(joints.numpy(), points.numpy(), scenario.has_pillar, rng)
    half = torch.tensor([CAMERA.width, CAMERA.height]) / 2 / _FOCAL
    occluded |= (plane.abs() >= half).any(-1).numpy() | (points[..., 2] < _NEAR).numpy()
    times = scene.stamps_ns * 1e-9
    steps = torch.from_numpy(np.diff(times, prepend=0.0)).float().expand(scenario.people, -1)
    generator = torch.Generator().manual_seed(int(rng.integers(2 ** 31)))
    noisy, scores = noise.add_detection_noise(
        plane.transpose(0, 1), half.expand(scenario.people, 2), steps, generator)
    noisy = torch.where(noisy.isnan(), plane.transpose(0, 1), noisy)
    noisy_keypoints = torch.cat((noisy * _FOCAL + torch.tensor(_CENTRE), scores[..., None]), -1)
    return Crossing(
        scene.stamps_ns, joints[..., :len(HUMAN36M_17), :].numpy(),
        plane.numpy() * _FOCAL + _CENTRE, occluded, occluder,
        noisy_keypoints.transpose(0, 1).numpy())


def _walk(clip: np.ndarray, fps: float, times: np.ndarray, lane: float,
          rng: np.random.Generator) -> np.ndarray:
    """Return a person (T, 25, 3) who walks along x at y = `lane` metres."""
    length = (len(clip) - 1) / fps
    middle = _SECONDS / 2 + rng.uniform(-0.6, 0.6)
    at = (times - middle) * rng.uniform(0.85, 1.2) + length / 2
    if rng.random() < _TURN_BACK:
        at = length / 2 - np.abs(at - length / 2)
    # People start and stop gradually.
    at = ndimage.gaussian_filter1d(np.clip(at, 0, length), _EASE_SECONDS / (times[1] - times[0]),
                                   mode='nearest') * fps
    walk = interpolate_frames(clip, at)

    course = clip[-1, 0, :2] - clip[0, 0, :2]
    heading = rng.normal(0, math.radians(15)) + math.pi * rng.integers(2)
    angle = heading - math.atan2(course[1], course[0])
    c, s = math.cos(angle), math.sin(angle)
    halfway = clip[len(clip) // 2, 0] * (1, 1, 0) + (0, 0, np.quantile(clip[..., 2], 0.02))
    return (walk - halfway) @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) \
        + (rng.uniform(-0.6, 0.6), lane, 0)


def _front_camera(rng: np.random.Generator) -> RigidTransform:
    """Return the pose in the world of a camera that looks along y, a little downwards."""
    pitch = rng.uniform(0.0, 0.12)
    c, s = math.cos(pitch), math.sin(pitch)
    return RigidTransform(np.array([[1, 0, 0], [0, -s, c], [0, -c, -s]]),
                          np.array((0, 0, rng.uniform(1.0, 1.7))))


_BONES = [(a, b, _HEAD if 'head_top' in (HUMAN36M_17.names[a], HUMAN36M_17.names[b]) else _LIMB)
          for a, b in HUMAN36M_17.bones]
_TRUNK_BONES = [(HUMAN36M_17.index(a), HUMAN36M_17.index(b), _TRUNK)
                for a, b in (('pelvis', 'thorax'),)]


def _occlusion(joints: np.ndarray, points: np.ndarray, has_pillar: bool,
               rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return who occludes each keypoint (T, P, 17), -1 for no person, and which are occluded."""
    frames, people = points.shape[:2]
    occluder = np.full(points.shape[:3], -1)
    nearest = np.full(points.shape[:3], np.inf)
    plane = points[..., :2] / points[..., 2:]
    joint_plane = joints[..., :2] / joints[..., 2:]
    for other in range(people):
        depth = joints[:, other, 0, 2]
        covered = np.zeros(points.shape[:3], bool)
        for a, b, radius in _BONES + _TRUNK_BONES:
            start = joint_plane[:, other, a]
            along = joint_plane[:, other, b] - start
            offset = plane - start[:, None, None]
            share = np.einsum('tpkc,tc->tpk', offset, along) \
                / np.square(along).sum(-1).clip(1e-9)[:, None, None]
            away = offset - share.clip(0, 1)[..., None] * along[:, None, None]
            covered |= np.linalg.norm(away, axis=-1) < (radius / depth)[:, None, None]
        is_behind = covered & (points[:, :, :, 2] > depth[:, None, None] + 0.2)
        is_behind[:, other] = False
        nearer = is_behind & (depth[:, None, None] < nearest)
        nearest = np.where(nearer, depth[:, None, None], nearest)
        occluder[nearer] = other
    occluded = occluder >= 0
    if has_pillar:
        edge = rng.uniform(-0.15, 0.15)
        pillar = np.abs(plane[..., 0] - edge) < _PILLAR_WIDTH / 2 / _PILLAR_DISTANCE
        occluded |= pillar
        occluder[pillar] = -1
    return occluder, occluded
