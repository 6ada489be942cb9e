# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A random person: body, proportions and clothes, and how they look in captured postures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pose_machine_ros.skeleton import HUMAN36M_17, MOCAP_25
from pose_machine_ros.synthesis.rendered.body import Body, BodyModel
from pose_machine_ros.synthesis.rendered.clothes import dress
from pose_machine_ros.synthesis.rendered.poser import Poser
from pose_machine_ros.synthesis.rendered.proportions import random_stretches
from pose_machine_ros.synthesis.rendered.skinning import pose, PosedBones, skin

# The bones that begin at the joint centres.
_BONES = {'hip': 'upperleg01', 'knee': 'lowerleg01', 'ankle': 'foot', 'shoulder': 'upperarm01',
          'elbow': 'lowerarm01', 'wrist': 'wrist'}
_LEG = ('hip', 'knee', 'ankle')


@dataclass(frozen=True)
class PosedPerson:
    """A person in T frames; metres, world frame, the floor is at z = 0."""

    surface: np.ndarray  # (T, V, 3) of skin and clothes
    normals: np.ndarray  # (T, V, 3)
    joints: np.ndarray  # (T, 17, 3) joint centres, HUMAN36M_17
    keypoints: np.ndarray  # (T, 17, 3) COCO-17, on and in the skin


class Person:
    """One person, who can take any captured posture."""

    def __init__(self, model: BodyModel, body: Body, rng: np.random.Generator) -> None:
        self._model, self._body = model, body
        self._stretches = random_stretches(model, body, rng)
        self._poser = Poser(model, body, rng)
        outfit = dress(model, body, rng)
        self.colours = outfit.colours  # (V, 3) RGB in [0, 1]
        normals = model.normals(body.vertices[None])[0]
        self._clothed = body.vertices + normals * outfit.thickness[:, None]
        self._top = int(body.vertices[:, 2].argmax())
        rest = self.skin_at_rest()
        self.stature = float(np.ptp(rest[:, 2]))  # metres, standing, without shoes

    def skin_at_rest(self) -> np.ndarray:
        """Return the vertices (V, 3) of the skin in the rest pose."""
        rest = np.broadcast_to(np.eye(3), (1, *self._stretches.shape))
        bones = pose(self._model, self._body, rest, self._stretches)
        return skin(self._model, self._body, self._body.vertices, bones)[0]

    def pose(self, captured: np.ndarray) -> PosedPerson:
        """Return the person in the postures of captured joints (T, 25, 3), moving as they do.

        The lowest point of all frames touches the floor, and the pelvis of the first frame is at
        x = y = 0.
        """
        model, body = self._model, self._body
        rotations = self._poser.rotations(captured)
        bones = pose(model, body, rotations, self._stretches)
        surface = skin(model, body, self._clothed, bones)
        bare = skin(model, body, body.vertices, bones)
        keypoints = model.keypoints(bare)
        joints = self._joints(bones, bare, keypoints)

        pelvis = captured[:, 0] - captured[0, 0]
        ratio = _leg_length(joints, HUMAN36M_17.names) / _leg_length(captured, MOCAP_25.names)
        shift = ratio * pelvis - joints[:, 0]
        shift[:, 2] -= (surface[..., 2].min(1) + shift[:, 2]).min()
        shift = shift[:, None]
        return PosedPerson(surface + shift, model.normals(surface), joints + shift,
                           keypoints + shift)

    def _joints(self, bones: PosedBones, bare: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
        joints = {'nose': keypoints[:, 0], 'head_top': bare[:, self._top]}
        for side, suffix in (('left', 'L'), ('right', 'R')):
            joints |= {f'{side}_{joint}': bones.heads[:, self._model.index(f'{bone}.{suffix}')]
                       for joint, bone in _BONES.items()}
        for name, part in (('pelvis', 'hip'), ('thorax', 'shoulder')):
            joints[name] = (joints[f'left_{part}'] + joints[f'right_{part}']) / 2
        joints['spine'] = (joints['pelvis'] + joints['thorax']) / 2
        return np.stack([joints[name] for name in HUMAN36M_17.names], 1)


def _leg_length(joints: np.ndarray, names: tuple[str, ...]) -> float:
    """Return the mean length of both legs in joints (T, J, 3)."""
    legs = [joints[:, [names.index(f'{side}_{joint}') for joint in _LEG]]
            for side in ('left', 'right')]
    return float(np.mean([np.linalg.norm(np.diff(leg, axis=1), axis=-1).sum(1) for leg in legs]))
