# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rotations of a body's bones, so that it takes the postures of captured joints.

A captured limb has a direction, but no rotation about its axis. Here elbows and knees that are bent
give that rotation, and feet give that of straight legs. It is spread over the limb, as skin is.
"""

from __future__ import annotations

import numpy as np

from pose_machine_ros.skeleton import COCO_17, MOCAP_25
from pose_machine_ros.synthesis.rendered import rig
from pose_machine_ros.synthesis.rendered import rotations as rot
from pose_machine_ros.synthesis.rendered.body import Body, BodyModel

_SPINE = {'spine05': 0.2, 'spine04': 0.45, 'spine03': 0.7, 'spine02': 0.9, 'spine01': 1.0}
_NECK = {'neck01': 0.3, 'neck02': 0.6, 'neck03': 0.85}  # share of the way from chest to head
_HEAD_LIMIT, _HAND_LIMIT, _FOOT_LIMIT = 1.1, 1.0, 1.0  # radians to chest, forearm and shank
_ARM_TWIST_LIMIT, _LEG_TWIST_LIMIT = 1.8, 1.2
_CLAVICLE_SHARE = (0.1, 0.3)  # of the rotation of the upper arm
_WRIST_TWIST = 0.6  # standard deviation of the forearm's rotation about its axis
_FORWARD = np.array((0.0, -1.0, 0.0))  # of a body at rest


class Poser:
    """Poses one body; what captured joints leave open is random, and constant over its frames."""

    def __init__(self, model: BodyModel, body: Body, rng: np.random.Generator) -> None:
        self._model, self._body = model, body
        self._face = dict(zip(COCO_17.names, model.keypoints(body.vertices[None])[0]))
        self._clavicle = {side: rng.uniform(*_CLAVICLE_SHARE) for side in rig.SIDES}
        self._wrist = {side: rng.normal(0, _WRIST_TWIST) for side in rig.SIDES}

    def rotations(self, joints: np.ndarray) -> np.ndarray:
        """Return the bones' rotations from rest, (T, B, 3, 3), for MOCAP_25 joints (T, 25, 3)."""
        target = {name: joints[:, i] for i, name in enumerate(MOCAP_25.names)}
        pelvis, chest = self._trunk(target)
        head = self._head(target, chest)
        placed: dict[str, np.ndarray] = {}  # by bone; its part's rotation for all others
        parts = {'pelvis': pelvis, 'chest': chest, 'head': head}
        placed |= {bone: rot.between(pelvis, chest, s) for bone, s in _SPINE.items()}
        placed |= {bone: rot.between(chest, head, s) for bone, s in _NECK.items()}
        for side in rig.SIDES:
            limbs = self._arm(target, side, chest) | self._leg(target, side, pelvis)
            placed |= {rig.on_side(bone, side): rotation for bone, rotation in limbs.items()}
        return np.stack([self._of(bone, part, placed, parts) for bone, part in zip(
            self._model.bones, self._model.bone_parts)], 1)

    @staticmethod
    def _of(bone: str, part: str, placed: dict[str, np.ndarray],
            parts: dict[str, np.ndarray]) -> np.ndarray:
        """Return the rotation of a bone: its own, else that of the hand or foot it is part of."""
        if bone in placed:
            return placed[bone]
        if part in ('hand', 'foot'):
            return placed[rig.on_side({'hand': 'wrist', 'foot': 'foot'}[part], rig.side_of(bone))]
        return parts[part]

    def _trunk(self, target: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Return the rotations of pelvis and chest."""
        hips, shoulders = (self._rest(f'{bone}.L') - self._rest(f'{bone}.R')
                           for bone in ('upperleg01', 'upperarm01'))
        up = _middle(self._rest('upperarm01.L'), self._rest('upperarm01.R')) - _middle(
            self._rest('upperleg01.L'), self._rest('upperleg01.R'))
        now_up = _middle(target['left_shoulder'], target['right_shoulder']) - _middle(
            target['left_hip'], target['right_hip'])
        now_hips, now_shoulders = (target[f'left_{joint}'] - target[f'right_{joint}']
                                   for joint in ('hip', 'shoulder'))
        return (rot.frame(now_hips, now_up) @ rot.frame(hips, up).T,
                rot.frame(now_up, now_shoulders) @ rot.frame(up, shoulders).T)

    def _head(self, target: dict[str, np.ndarray], chest: np.ndarray) -> np.ndarray:
        face = self._face

        def axes(points: dict[str, np.ndarray]) -> np.ndarray:
            left, right = points['left_ear'], points['right_ear']
            return rot.frame(left - right, points['nose'] - _middle(left, right))

        return rot.towards(chest, axes(target) @ axes(face).T, _HEAD_LIMIT)

    def _arm(self, target: dict[str, np.ndarray], side: str,
             chest: np.ndarray) -> dict[str, np.ndarray]:
        """Return the rotations of the bones of one arm, by their names without a side."""
        upper, fore, hand = self._rest_limb(side, 'upperarm01', 'lowerarm01', 'wrist', 'finger3-1')
        to_elbow, to_wrist, to_hand = _limb(target, side, 'shoulder', 'elbow', 'wrist', 'hand')
        lift = rot.swing(rot.turned(chest, upper), to_elbow)
        clavicle = rot.share(lift, self._clavicle[side]) @ chest
        straight = _follow(clavicle, upper, to_elbow)
        twist = rot.angle_about(to_elbow, rot.turned(straight, fore), to_wrist)
        twist = twist.clip(-_ARM_TWIST_LIMIT, _ARM_TWIST_LIMIT) * _ramp(
            rot.angle_between(to_elbow, to_wrist), 0.2, 0.7)
        upper_end = rot.about(to_elbow, twist) @ straight
        forearm = _follow(upper_end, fore, to_wrist)
        turned = [rot.about(to_wrist, np.full(len(twist), s * self._wrist[side])) @ forearm
                  for s in (0.5, 1)]
        return {'clavicle': clavicle, 'shoulder01': clavicle,
                'upperarm01': rot.about(to_elbow, 0.5 * twist) @ straight,
                'upperarm02': upper_end, 'lowerarm01': forearm, 'lowerarm02': turned[0],
                'wrist': rot.towards(turned[1], _follow(turned[1], hand, to_hand), _HAND_LIMIT)}

    def _leg(self, target: dict[str, np.ndarray], side: str,
             pelvis: np.ndarray) -> dict[str, np.ndarray]:
        """Return the rotations of the bones of one leg, by their names without a side."""
        thigh, shank, foot = self._rest_limb(side, 'upperleg01', 'lowerleg01', 'foot', 'toe3-1')
        to_knee, to_ankle, to_toe = _limb(target, side, 'hip', 'knee', 'ankle', 'toe')
        straight = _follow(pelvis, thigh, to_knee)
        # Forward is where a bent shank comes from, and where the foot of a straight leg points.
        bent = _ramp(rot.angle_between(to_knee, to_ankle), 0.15, 0.6)
        toe = rot.across(rot.unit(to_toe), to_knee)
        forward = (-2 * bent[:, None] * rot.across(rot.unit(to_ankle), to_knee)
                   + (1 - bent[:, None]) * toe)
        known = np.maximum(bent, 0.6 * _ramp(np.linalg.norm(toe, axis=-1), 0.3, 0.8))
        twist = rot.angle_about(to_knee, rot.turned(straight, _FORWARD), forward)
        twist = twist.clip(-_LEG_TWIST_LIMIT, _LEG_TWIST_LIMIT) * known
        thigh_end = rot.about(to_knee, twist) @ straight
        lower = _follow(thigh_end, shank, to_ankle)
        return {'upperleg01': rot.about(to_knee, 0.5 * twist) @ straight, 'upperleg02': thigh_end,
                'lowerleg01': lower, 'lowerleg02': lower,
                'foot': rot.towards(lower, _follow(lower, foot, to_toe), _FOOT_LIMIT)}

    def _rest(self, bone: str) -> np.ndarray:
        return self._body.heads[self._model.index(bone)]

    def _rest_limb(self, side: str, *bones: str) -> list[np.ndarray]:
        heads = [self._rest(rig.on_side(bone, side)) for bone in bones]
        return [end - start for start, end in zip(heads, heads[1:])]


def _middle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a + b) / 2


def _limb(target: dict[str, np.ndarray], side: str, *joints: str) -> list[np.ndarray]:
    points = [target[f'{side}_{joint}'] for joint in joints]
    return [end - start for start, end in zip(points, points[1:])]


def _follow(parent: np.ndarray, rest: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Return the rotations nearest to those of the parent that turn `rest` to the directions."""
    return rot.swing(rot.turned(parent, rest), direction) @ parent


def _ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return 0 below `low`, 1 above `high`, and a smooth step between them."""
    t = ((values - low) / (high - low)).clip(0, 1)
    return t * t * (3 - 2 * t)
