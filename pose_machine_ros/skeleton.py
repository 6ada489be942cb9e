# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Joint sets as data: names, parents, mirror pairs, and all maps between joint sets.

Left and right are the person's own. COCO-17 is the output of the 2D network and Human3.6M-17 that
of the 3D networks. BlazePose-33 is the joint set of MediaPipe, BODY_25 and COCO-18 are those of
OpenPose, and MOCAP-25 is that of the training data.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
import functools
import re

import numpy as np

from pose_machine_ros.errors import InputError


@dataclass(frozen=True)
class JointSet:
    """Names of the joints of one convention, in order, and how they are connected."""

    name: str
    names: tuple[str, ...]
    parents: tuple[int, ...]  # parent of each joint, -1 for the root of a tree
    bones: tuple[tuple[int, int], ...]  # pairs of joints to draw a line between

    def __len__(self) -> int:
        return len(self.names)

    def index(self, name: str) -> int:
        """Return the position of joint `name`; raises ValueError if there is none."""
        return self.names.index(name)

    def indices(self, names: Iterable[str]) -> list[int]:
        """Return the positions of the joints `names`; raises ValueError if one is missing."""
        return [self.index(n) for n in names]

    @functools.cached_property
    def mirror(self) -> tuple[int, ...]:
        """Permutation of the joints that swaps left and right."""
        return tuple(self.index(mirrored_name(n)) for n in self.names)

    @functools.cached_property
    def mirror_bones(self) -> tuple[int, ...]:
        """Permutation of the bones of a tree that swaps left and right."""
        mirror = self.mirror
        return tuple(self.bones.index((mirror[a], mirror[b])) for a, b in self.bones)


def mirrored_name(name: str) -> str:
    """Return the name of the same joint on the person's other side."""
    swap = {'left': 'right', 'right': 'left'}
    return '_'.join(swap.get(word, word) for word in name.split('_'))


def _tree(name: str, joints: tuple[tuple[str, str | None], ...]) -> JointSet:
    names = tuple(n for n, _ in joints)
    parents = tuple(-1 if p is None else names.index(p) for _, p in joints)
    return JointSet(name, names, parents, tuple((p, i) for i, p in enumerate(parents) if p >= 0))


HUMAN36M_17 = _tree('human36m_17', (
    ('pelvis', None),
    ('right_hip', 'pelvis'), ('right_knee', 'right_hip'), ('right_ankle', 'right_knee'),
    ('left_hip', 'pelvis'), ('left_knee', 'left_hip'), ('left_ankle', 'left_knee'),
    ('spine', 'pelvis'), ('thorax', 'spine'), ('nose', 'thorax'), ('head_top', 'nose'),
    ('left_shoulder', 'thorax'), ('left_elbow', 'left_shoulder'), ('left_wrist', 'left_elbow'),
    ('right_shoulder', 'thorax'), ('right_elbow', 'right_shoulder'),
    ('right_wrist', 'right_elbow'),
))

_COCO_NAMES = (
    'nose', 'left_eye', 'right_eye', 'left_ear', 'right_ear', 'left_shoulder', 'right_shoulder',
    'left_elbow', 'right_elbow', 'left_wrist', 'right_wrist', 'left_hip', 'right_hip',
    'left_knee', 'right_knee', 'left_ankle', 'right_ankle')

COCO_17 = JointSet(
    'coco_17', _COCO_NAMES, (-1, 0, 0, 1, 2, -1, 5, 5, 6, 7, 8, 5, 6, 11, 12, 13, 14),
    ((0, 1), (0, 2), (1, 3), (2, 4), (5, 6), (5, 7), (7, 9), (6, 8), (8, 10), (5, 11), (6, 12),
     (11, 12), (11, 13), (13, 15), (12, 14), (14, 16)))

# Points of the body at which the features of the 2D network are sampled, in order. Each is the mean
# of the keypoints named after it.
APPEARANCE_POINTS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in COCO_17.names},
    'left_upper_arm': ('left_shoulder', 'left_elbow'),
    'left_forearm': ('left_elbow', 'left_wrist'),
    'right_upper_arm': ('right_shoulder', 'right_elbow'),
    'right_forearm': ('right_elbow', 'right_wrist'),
    'left_thigh': ('left_hip', 'left_knee'), 'left_shin': ('left_knee', 'left_ankle'),
    'right_thigh': ('right_hip', 'right_knee'), 'right_shin': ('right_knee', 'right_ankle'),
    'trunk': ('left_shoulder', 'right_shoulder', 'left_hip', 'right_hip')}

_BLAZEPOSE_NAMES = (
    'nose', 'left_eye_inner', 'left_eye', 'left_eye_outer', 'right_eye_inner', 'right_eye',
    'right_eye_outer', 'left_ear', 'right_ear', 'mouth_left', 'mouth_right', 'left_shoulder',
    'right_shoulder', 'left_elbow', 'right_elbow', 'left_wrist', 'right_wrist', 'left_pinky',
    'right_pinky', 'left_index', 'right_index', 'left_thumb', 'right_thumb', 'left_hip',
    'right_hip', 'left_knee', 'right_knee', 'left_ankle', 'right_ankle', 'left_heel',
    'right_heel', 'left_foot_index', 'right_foot_index')

BLAZEPOSE_33 = JointSet(
    'blazepose_33', _BLAZEPOSE_NAMES, (-1,) * 33,
    ((11, 12), (11, 13), (13, 15), (12, 14), (14, 16), (11, 23), (12, 24), (23, 24), (23, 25),
     (25, 27), (24, 26), (26, 28), (27, 31), (28, 32), (0, 7), (0, 8)))

BODY_25 = _tree('body_25', (
    ('nose', 'neck'), ('neck', 'mid_hip'),
    ('right_shoulder', 'neck'), ('right_elbow', 'right_shoulder'), ('right_wrist', 'right_elbow'),
    ('left_shoulder', 'neck'), ('left_elbow', 'left_shoulder'), ('left_wrist', 'left_elbow'),
    ('mid_hip', None),
    ('right_hip', 'mid_hip'), ('right_knee', 'right_hip'), ('right_ankle', 'right_knee'),
    ('left_hip', 'mid_hip'), ('left_knee', 'left_hip'), ('left_ankle', 'left_knee'),
    ('right_eye', 'nose'), ('left_eye', 'nose'), ('right_ear', 'right_eye'),
    ('left_ear', 'left_eye'),
    ('left_big_toe', 'left_ankle'), ('left_small_toe', 'left_big_toe'), ('left_heel', 'left_ankle'),
    ('right_big_toe', 'right_ankle'), ('right_small_toe', 'right_big_toe'),
    ('right_heel', 'right_ankle'),
))

COCO_18 = _tree('coco_18', (
    ('nose', 'neck'), ('neck', None),
    ('right_shoulder', 'neck'), ('right_elbow', 'right_shoulder'), ('right_wrist', 'right_elbow'),
    ('left_shoulder', 'neck'), ('left_elbow', 'left_shoulder'), ('left_wrist', 'left_elbow'),
    ('right_hip', 'neck'), ('right_knee', 'right_hip'), ('right_ankle', 'right_knee'),
    ('left_hip', 'neck'), ('left_knee', 'left_hip'), ('left_ankle', 'left_knee'),
    ('right_eye', 'nose'), ('left_eye', 'nose'), ('right_ear', 'right_eye'),
    ('left_ear', 'left_eye'),
))


def _mocap_parent(name: str) -> str | None:
    """Return the parent of a joint of MOCAP_25: the thorax for the head and the shoulders."""
    side, _, part = name.rpartition('_')
    return {'pelvis': None, 'hip': 'pelvis', 'knee': f'{side}_hip', 'ankle': f'{side}_knee',
            'toe': f'{side}_ankle', 'heel': f'{side}_ankle', 'elbow': f'{side}_shoulder',
            'wrist': f'{side}_elbow', 'hand': f'{side}_wrist', 'thorax': 'pelvis',
            'spine': 'pelvis'}.get(part, 'thorax')


_MOCAP_NAMES = HUMAN36M_17.names + tuple(
    f'{side}_{part}' for part in ('toe', 'heel', 'hand', 'ear') for side in ('right', 'left'))

# HUMAN36M_17 with hands, feet and ears: the joints of motion capture files. Not for drawing.
MOCAP_25 = JointSet('mocap_25', _MOCAP_NAMES, tuple(
    -1 if _mocap_parent(n) is None else _MOCAP_NAMES.index(_mocap_parent(n))
    for n in _MOCAP_NAMES), ())

JOINT_SETS = (COCO_17, BLAZEPOSE_33, HUMAN36M_17, BODY_25, COCO_18)

# Joints that one convention has and another lacks, as the mean of joints that the other has.
_DERIVED = {
    'pelvis': ('left_hip', 'right_hip'),
    'mid_hip': ('left_hip', 'right_hip'),
    'thorax': ('left_shoulder', 'right_shoulder'),
    'neck': ('left_shoulder', 'right_shoulder'),
    'spine': ('left_hip', 'right_hip', 'left_shoulder', 'right_shoulder'),
}

# Keypoints that are joints of HUMAN36M_17, so that both can be compared in the image.
_SHARED_NAMES = [n for n in HUMAN36M_17.names if n in COCO_17.names]
SHARED_JOINTS = HUMAN36M_17.indices(_SHARED_NAMES)  # rows of a (17, 3) pose
SHARED_KEYPOINTS = COCO_17.indices(_SHARED_NAMES)  # rows of (17, 2) keypoints
SHARED_LANDMARKS = BLAZEPOSE_33.indices(_SHARED_NAMES)  # rows of (33, 3) landmarks of MediaPipe

LIMB_JOINTS = tuple(f'{side}_{part}' for part in
                    ('shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle')
                    for side in ('left', 'right'))

# The order of a detector's keypoints, by their number. Halpe-26, COCO-WholeBody and Halpe-136 begin
# with COCO-17.
DETECTOR_NAMES = {17: COCO_17.names, 18: COCO_18.names, 25: BODY_25.names,
                  **dict.fromkeys((26, 133, 136), COCO_17.names)}

# Names of joints in motion capture files, by part of the body: Acclaim as on mocap.cs.cmu.edu; BVH
# as from MotionBuilder, 3ds Max, Daz. `*` stands for the side: l, left, L, Left.
_CAPTURE_NAMES = {
    'hip': ('*hipjoint', '*upleg', '*thigh', '*hip'),
    'knee': ('*femur', '*leg', '*shin', '*knee', '*lowleg'),
    'ankle': ('*tibia', '*foot', '*ankle'),
    'toe': ('*foot_toe', '*toebase', '*toe', '*toes', '*footend', '*ankleend'),
    'shoulder': ('*clavicle', '*arm', '*shldr', '*shoulder', '*uparm'),
    'elbow': ('*humerus', '*forearm', '*elbow', '*lowarm'),
    'wrist': ('*radius', '*hand', '*wrist'),
    'hand': ('*hand_tip', '*fingerbase', '*handend', '*wristend', '*handindex1', '*mid1'),
    'thorax': ('thorax', 'neck', 'neck1'),
    'head': ('upperneck', 'head'),
}
# Acclaim names a bone, and here the joint at its end has that name: these would be mistaken for
# other joints.
ACCLAIM_RENAMES = {
    'lhand': 'lhand_tip', 'rhand': 'rhand_tip', 'lfoot': 'lfoot_toe', 'rfoot': 'rfoot_toe'}


def joint_set_of(names: Sequence[str] | np.ndarray) -> JointSet:
    """Return the joint set that has these names, in any order and spelling; see `find_joints`.

    Raises InputError if there is none.
    """
    for joint_set in JOINT_SETS:
        if len(names) == len(joint_set) and None not in find_joints(joint_set.names, names):
            return joint_set
    raise InputError(
        f'{len(names)} keypoint names {[str(n) for n in names[:3]]}... are of no known joint set; '
        'use the names of ' + ', '.join(f'{s.name} ({len(s)})' for s in JOINT_SETS))


def find_joints(wanted: Sequence[str], names: Sequence[str] | np.ndarray) -> list[int | None]:
    """Return the position of each of the joints `wanted` in `names`, None for a missing one.

    Left Shoulder, LShoulder and left_shoulder are the same name.
    """
    positions = {_key(n): i for i, n in enumerate(names)}
    return [positions.get(_key(n)) for n in wanted]


def find_capture_joint(part: str, side: str, names: Container[str]) -> str | None:
    """Return which of the lower-case `names` of a capture file is a part of the body.

    `side` is left, right or empty. Returns None if the file has no such joint.
    """
    # In BVH a joint has the name of the bone that starts there, in Acclaim of the one that ends.
    prefixes = (side[:1], side) if side else ('',)
    for pattern in _CAPTURE_NAMES[part]:
        for prefix in prefixes:
            if (name := pattern.replace('*', prefix)) in names:
                return name
    return None


def _key(name: str) -> str:
    letters = re.sub('[^a-z]', '', str(name).lower())
    return re.sub('^(left|right)', lambda side: side[1][0], letters)


def convert_keypoints(keypoints: np.ndarray, source: JointSet, target: JointSet) -> np.ndarray:
    """Map 2D keypoints with scores from one joint set to another.

    `keypoints` is (..., S, 3): u and v in px, score in [0, 1]. Returns (..., T, 3) of the same
    type. A joint that the source lacks is the mean of the joints around it, with the lowest of
    their scores; without such joints it is NaN with score 0. Raises InputError for another shape.
    """
    if keypoints.shape[-2:] != (len(source), 3):
        raise InputError(f'keypoints have shape {keypoints.shape}; {source.name} needs '
                         f'(..., {len(source)}, 3)')
    out = np.full((*keypoints.shape[:-2], len(target), 3), np.nan, keypoints.dtype)
    out[..., 2] = 0
    for joints, parts in _parts(source, target):
        picked = keypoints[..., parts, :]  # (..., joints, parts, 3)
        if parts.shape[1] == 1:
            out[..., joints, :] = picked[..., 0, :]
            continue
        out[..., joints, :2] = picked[..., :2].mean(-2)
        out[..., joints, 2] = picked[..., 2].min(-1)
    return out


def convert_rays(rays: np.ndarray, source: JointSet, target: JointSet) -> np.ndarray:
    """Map unit rays (..., S, 3) through keypoints from one joint set to another: (..., T, 3).

    The ray of a joint that the source lacks is the mean of those of the joints around it, of unit
    length; NaN without such joints.
    """
    out = np.full((*rays.shape[:-2], len(target), 3), np.nan, rays.dtype)
    for joints, parts in _parts(source, target):
        picked = rays[..., parts, :]  # (..., joints, parts, 3)
        if parts.shape[1] == 1:
            out[..., joints, :] = picked[..., 0, :]
            continue
        summed = picked.sum(-2)
        out[..., joints, :] = summed / np.sqrt((summed * summed).sum(-1, keepdims=True))
    return out


@functools.cache
def _parts(source: JointSet, target: JointSet) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return joints (J,) of `target` with the joints (J, N) of `source` to average, for each N."""
    groups: dict[int, tuple[list[int], list[list[int]]]] = {}
    for i, name in enumerate(target.names):
        parts = (name,) if name in source.names else _DERIVED.get(name, ())
        if parts and all(p in source.names for p in parts):
            joints, averaged = groups.setdefault(len(parts), ([], []))
            joints.append(i)
            averaged.append(source.indices(parts))
    return [(np.array(joints), np.array(averaged)) for joints, averaged in groups.values()]
