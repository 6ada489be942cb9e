# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Bundle adjustment: camera poses, time offsets and joints that fit the rays of all cameras best.

Residuals are distances at the person, in metres: errors of 2D networks are a share of the person's
size, whatever the distance. The joints of one moment are eliminated from the normal equations
(Schur complement), which leaves 7 unknowns for each camera and the lengths of the bones. Steps are
damped (Levenberg-Marquardt); residuals have the robust loss of Geman and McClure. The frame is that
of the first camera, and the sum of the lengths of all bones stays what it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pose_machine_ros.rig_calibration.observations import Moments, Observations
from pose_machine_ros.rig_calibration.procrustes import cross_matrix, rotation_of
from pose_machine_ros.rig_calibration.tracks import JOINTS

KEYPOINT_SIGMA = 0.04  # metres, of a keypoint with score 1
_BONE_SIGMA = 0.05  # metres
_ROBUST = (10.0, 5.0, 3.0)  # sigma beyond which a residual loses weight, one after the other
_STEPS = 12  # of each
_MIN_DEPTH = 0.1  # metres
_DAMPING = 1e-4
_MAX_DAMPING = 1e4
_CONVERGED = 1e-5  # relative decrease of the cost
_POINT_PRIOR = 1e-2  # 1/m^2; keeps joints with parallel rays in place
_SCALE_WEIGHT = 1e8
UNKNOWNS = 7  # of a camera: rotation, translation, time offset

BONES = [(JOINTS.index(f'{a}_{p}'), JOINTS.index(f'{b}_{q}')) for a, p, b, q in (
    ('left', 'shoulder', 'right', 'shoulder'), ('left', 'hip', 'right', 'hip'),
    *((s, p, s, q) for s in ('left', 'right') for p, q in (
        ('shoulder', 'hip'), ('shoulder', 'elbow'), ('elbow', 'wrist'), ('hip', 'knee'),
        ('knee', 'ankle'))))]
_A, _B = (list(ends) for ends in zip(*BONES))


@dataclass(frozen=True)
class RigState:
    """All unknowns."""

    rotations: np.ndarray  # (C, 3, 3) from the first camera's frame to each camera's
    translations: np.ndarray  # (C, 3) metres
    offsets: np.ndarray  # (C,) seconds to add to the stamps of each camera
    joints: np.ndarray  # (N, J, 3) metres, in the first camera's frame
    lengths: np.ndarray  # (P, B) metres, bone lengths of each person

    def in_cameras(self) -> np.ndarray:
        """Return the joints (C, N, J, 3) in the frames of the cameras."""
        return np.einsum('cab,njb->cnja', self.rotations, self.joints) \
            + self.translations[:, None, None]


@dataclass(frozen=True)
class Residuals:
    """Errors of all rays and bones, with derivatives."""

    rays: np.ndarray  # (C, N, J, 2) metres, across the ray; right and down in the image
    weights: np.ndarray  # (C, N, J) 1/m^2, 0 where unseen
    by_point: np.ndarray  # (C, N, J, 2, 3) by the point in the camera's frame
    by_offset: np.ndarray  # (C, N, J, 2) by the time offset, m/s
    points: np.ndarray  # (C, N, J, 3) in the cameras' frames
    bones: np.ndarray  # (N, B) metres
    bone_weights: np.ndarray  # (N, B) 1/m^2
    bone_directions: np.ndarray  # (N, B, 3) from the second joint to the first
    cost: float


@dataclass(frozen=True)
class NormalEquations:
    """The normal equations without the joints; G unknowns of cameras and bones."""

    matrix: np.ndarray  # (G, G)
    gradients: np.ndarray  # (N, G) share of each moment
    by_joints: np.ndarray  # (N, 3 J, G) what a joint contributes: to subtract, by its gradient
    joint_steps: np.ndarray  # (N, 3 J) step of the joints if nothing else moves


class BundleAdjustment:
    """Improves a `RigState` on the observations of a set of moments."""

    def __init__(self, moments: Moments, cameras: int, people: int, *,
                 synchronised: bool = False) -> None:
        self._moments, self._cameras, self._people = moments, cameras, people
        free = np.ones((cameras, UNKNOWNS), bool)
        free[0] = False
        free[:, -1] &= not synchronised
        self.free = np.concatenate((free.ravel(), np.ones(people * len(BONES), bool)))

    def start(self, rotations: np.ndarray, translations: np.ndarray,
              offsets: np.ndarray) -> RigState:
        """Return a first state: joints where the cameras' own estimates are."""
        estimates = self._moments.estimates(offsets)
        # x_camera = R x + t, so x = (x_camera - t) R
        moved = np.einsum('cnja,cab->cnjb', estimates - translations[:, None, None], rotations)
        joints = np.nanmedian(moved, 0)
        lengths = np.stack([np.median(_bone_lengths(joints[self._moments.person == p]), 0)
                            for p in range(self._people)])
        return RigState(rotations, translations, offsets, joints, lengths)

    def solve(self, state: RigState) -> RigState:
        """Return the state that fits best."""
        total = float(state.lengths.sum())
        for robust in _ROBUST:
            damping, observed = _DAMPING, self._moments.observe(state.offsets)
            for _ in range(_STEPS):
                residuals = self.residuals(state, observed, robust)
                equations = self.normal_equations(state, residuals)
                depths = _depths(residuals.points, observed)
                while damping < _MAX_DAMPING:
                    trial = self._step(state, equations, damping, total)
                    cost = self.residuals(trial, observed, robust, depths,
                                          state.offsets).cost
                    if cost < residuals.cost:
                        break
                    damping *= 10
                else:
                    break
                damping = max(damping / 10, _DAMPING * 1e-3)
                if np.abs(trial.offsets - state.offsets).max() > 1e-4:
                    observed = self._moments.observe(trial.offsets)
                state, is_done = trial, residuals.cost - cost < _CONVERGED * residuals.cost
                if is_done:
                    break
        return state

    def residuals(self, state: RigState, observed: Observations, robust: float = _ROBUST[-1],
                  depths: np.ndarray | None = None,
                  observed_offsets: np.ndarray | None = None) -> Residuals:
        """Return the residuals of a state.

        `observed` are the rays for `observed_offsets`, by default those of the state. `depths`
        (C, N, J) are the distances for which errors count, by default those of the state.
        """
        points = state.in_cameras()
        directions = np.nan_to_num(observed.directions)
        right = np.array([1.0, 0, 0]) - directions[..., :1] * directions
        right /= np.linalg.norm(right, axis=-1, keepdims=True).clip(1e-6)
        axes = np.stack((right, np.cross(directions, right)), -2)  # (C, N, J, 2, 3)
        depth = _depths(points, observed)
        is_seen = (observed.scores > 0) & (depth > _MIN_DEPTH)
        safe = np.where(is_seen, depth, 1.0)
        at = safe if depths is None else depths
        plane = np.einsum('cnjka,cnja->cnjk', axes, points) / safe[..., None]
        rate = np.einsum('cnjka,cnja->cnjk', axes, observed.rates)
        if observed_offsets is not None:
            plane = plane + rate * (state.offsets - observed_offsets)[:, None, None, None]
        errors = at[..., None] * plane
        by_point = axes - plane[..., None] * directions[..., None, :]
        base = np.where(is_seen, observed.scores, 0) / KEYPOINT_SIGMA ** 2
        weights, cost = _geman_mcclure(base, np.square(errors).sum(-1), robust)
        ends = state.joints[:, _A] - state.joints[:, _B]
        lengths = np.linalg.norm(ends, axis=-1)
        bones = lengths - state.lengths[self._moments.person]
        bone_weights, bone_cost = _geman_mcclure(
            np.full(bones.shape, _BONE_SIGMA ** -2), np.square(bones), robust)
        return Residuals(errors, weights, by_point, at[..., None] * rate, points, bones,
                         bone_weights, ends / lengths[..., None].clip(1e-6), cost + bone_cost)

    def normal_equations(self, state: RigState, found: Residuals) -> NormalEquations:
        """Return the normal equations at a state, without the constraint on the bone lengths."""
        cameras, moments, joints = found.weights.shape
        by_joint = np.einsum('cnjka,cab->cnjkb', found.by_point, state.rotations)
        by_camera = self.by_camera(found)
        weighted = found.weights[..., None, None] * by_camera
        own = np.einsum('cnjku,cnjkv->cuv', weighted, by_camera)
        mixed = np.einsum('cnjku,cnjkb->ncujb', weighted, by_joint)
        weighted_joint = found.weights[..., None, None] * by_joint
        blocks = np.einsum('cnjka,cnjkb->njab', weighted_joint, by_joint) \
            + _POINT_PRIOR * np.eye(3)
        gradient = np.einsum('cnjku,cnjk->ncu', weighted, found.rays)
        joint_gradient = np.einsum('cnjka,cnjk->nja', weighted_joint, found.rays)

        local = cameras * UNKNOWNS
        size, bones = local + self._people * len(BONES), len(BONES)
        full = np.zeros((moments, joints, 3, joints, 3))
        index = np.arange(joints)
        full[:, index, :, index] = blocks.transpose(1, 0, 2, 3)
        links = np.zeros((moments, size, joints, 3))
        links[:, :local] = mixed.reshape(moments, local, joints, 3)
        gradients = np.zeros((moments, size))
        gradients[:, :local] = gradient.reshape(moments, local)
        matrix = np.zeros((size, size))
        for c in range(cameras):
            place = slice(c * UNKNOWNS, (c + 1) * UNKNOWNS)
            matrix[place, place] = own[c]
        rows = np.arange(moments)
        for b, (one, two) in enumerate(BONES):
            direction, weight = found.bone_directions[:, b], found.bone_weights[:, b]
            block = weight[:, None, None] * direction[:, :, None] * direction[:, None]
            pull = (weight * found.bones[:, b])[:, None] * direction
            for p, q, sign in ((one, one, 1), (two, two, 1), (one, two, -1), (two, one, -1)):
                full[:, p, :, q] += sign * block
            joint_gradient[:, one] += pull
            joint_gradient[:, two] -= pull
            unknown = local + self._moments.person * bones + b
            links[rows, unknown, one] -= weight[:, None] * direction
            links[rows, unknown, two] += weight[:, None] * direction
            gradients[rows, unknown] -= weight * found.bones[:, b]
            np.add.at(matrix, (unknown, unknown), weight)
        return _without_joints(matrix, gradients, links.reshape(moments, size, -1),
                               full.reshape(moments, 3 * joints, -1),
                               joint_gradient.reshape(moments, -1))

    def by_camera(self, found: Residuals) -> np.ndarray:
        """Return the derivatives (C, N, J, 2, 7) by rotation, translation and offset of a camera.

        The pose changes to x -> exp(rotation) (R x + t) + translation.
        """
        return np.concatenate((-found.by_point @ cross_matrix(found.points), found.by_point,
                               found.by_offset[..., None]), -1)

    def _step(self, state: RigState, equations: NormalEquations, damping: float,
              total: float) -> RigState:
        free, local = self.free, self._cameras * UNKNOWNS
        matrix, gradient = self.constrained(equations.matrix), equations.gradients.sum(0)
        gradient[local:] += _SCALE_WEIGHT * (state.lengths.sum() - total)
        matrix = matrix + damping * np.diag(equations.matrix.diagonal())
        step = np.zeros(len(gradient))
        step[free] = -np.linalg.solve(matrix[np.ix_(free, free)], gradient[free])
        moves = step[:local].reshape(self._cameras, UNKNOWNS)
        turns = np.stack([rotation_of(m[:3]) for m in moves])
        joints = equations.joint_steps - np.einsum('nxg,g->nx', equations.by_joints, step)
        return replace(
            state, rotations=turns @ state.rotations,
            translations=np.einsum('cab,cb->ca', turns, state.translations) + moves[:, 3:6],
            offsets=state.offsets + moves[:, 6],
            joints=state.joints + joints.reshape(state.joints.shape),
            lengths=state.lengths + step[local:].reshape(state.lengths.shape))

    def constrained(self, matrix: np.ndarray) -> np.ndarray:
        """Return a matrix (G, G) of normal equations with the constraint on the bone lengths."""
        local = self._cameras * UNKNOWNS
        matrix = matrix.copy()
        matrix[local:, local:] += _SCALE_WEIGHT
        return matrix


def _without_joints(matrix: np.ndarray, gradients: np.ndarray, links: np.ndarray,
                    full: np.ndarray, joint_gradient: np.ndarray) -> NormalEquations:
    """Return the Schur complement: `links` (N, G, 3 J) are between `matrix` and `full`."""
    solved = np.linalg.solve(full, np.concatenate(
        (links.transpose(0, 2, 1), joint_gradient[..., None]), -1))
    by_joints, steps = solved[..., :-1], solved[..., -1]
    # Small products, moment by moment: a large one would wait for threads on a busy machine.
    matrix = matrix - (links @ by_joints).sum(0)
    gradients = gradients - (links @ steps[..., None])[..., 0]
    return NormalEquations((matrix + matrix.T) / 2, gradients, by_joints, -steps)


def _depths(points: np.ndarray, observed: Observations) -> np.ndarray:
    return np.einsum('cnja,cnja->cnj', points, np.nan_to_num(observed.directions))


def _geman_mcclure(base: np.ndarray, squares: np.ndarray, robust: float
                   ) -> tuple[np.ndarray, float]:
    """Return the weights of residuals and their cost; `base` is the weight of small ones."""
    share = robust ** 2 / (robust ** 2 + base * squares)
    return base * np.square(share), float((base * squares * share).sum())


def _bone_lengths(joints: np.ndarray) -> np.ndarray:
    """Return the bone lengths (N, B) of joints (N, J, 3)."""
    return np.linalg.norm(joints[:, _A] - joints[:, _B], axis=-1)
