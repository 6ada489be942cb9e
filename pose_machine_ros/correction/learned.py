# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Learned self-supervised correction: a recurrent network that steps towards the keypoints.

Minimizing the reprojection error finds poses that fit the errors of the keypoints as well. So here
the steps are learned from the errors of simulated keypoints, as in learned gradient descent (Song
et al., ECCV 2020), the learned Levenberg-Marquardt step of Choutas et al. (ECCV 2022) and the
recurrent update of ReFit (Wang and Daniilidis, ICCV 2023).

In each of the STEPS steps the network sees by how much every joint would have to move to fit its
keypoint, how the bones differ from the person's, and how far the pose is from the lifter's; it
returns how to move the joints. All of it is in units of the standard deviations that the lifter
predicts. The steps share their weights. A recurrent state of the person carries what earlier frames
have shown. The network takes the person and the mirror image, and the mean of the two moves the
joints, which makes the correction exactly equivariant to mirroring.

The keypoints enter as normal equations of each joint (`Fit`). Another camera, or a measured depth,
is added there and changes nothing else. No operation depends on a value, so the correction can be
captured as a CUDA graph.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn, Tensor
from torch.nn import functional

from pose_machine_ros.correction.root import RootEquations
from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS

HIDDEN = 128  # numbers of the recurrent state of a person, and of the mirror image
STEPS = 3
_JOINTS = len(HUMAN36M_17)
_POSE_SIZE = 3 * _JOINTS
_BONES = len(HUMAN36M_17.bones)
_SEEN = len(SHARED_JOINTS)  # joints that are keypoints too
_SCALARS = 4
_KEYPOINT_SIGMA = 0.04  # of a keypoint with score 1, relative to the apparent size of the person
_ROBUST_SCALE = 2.5  # standard deviations beyond which a keypoint loses influence
_LOG_SIGMA_RANGE = (-6.0, 1.0)  # 2.5 mm to 2.7 m
_LONGEST = 30.0  # frames; clips of training are not much longer
_SHORTEST_STEP, _NOMINAL_STEP = 1e-3, 1 / 30  # seconds
# Typical values of the inputs, metres: motion in a frame, bones, differences of them.
_MOTION, _LENGTH, _LENGTH_CHANGE = 0.1, 0.1, 0.05
_LIMIT = 5.0  # of inputs that are differences, in their units
_GAIN = 0.1  # of free moves and log factors; the training is unstable with a higher one


class Evidence(NamedTuple):
    """What the correction gets about N people in a frame, in the person camera."""

    joints: Tensor  # (N, 17, 3) the lifter's pose, metres relative to the pelvis
    log_sigma: Tensor  # (N, 17, 3) of their standard deviations, metres
    plane: Tensor  # (N, 17, 2) COCO-17 keypoints, x/z and y/z
    weights: Tensor  # (N, 17) their scores, 0 where unseen
    size: Tensor  # (N,) apparent size, in the units of `plane`
    before: Tensor  # (N, 17, 3) the lifter's pose in the person's last frame, in this person camera
    lengths: Tensor  # (N, 16) mean bone lengths of all frames, metres, in the order of bones
    frame_share: Tensor  # (N,) 1 / number of the person's frames, with this one
    time_step: Tensor  # (N,) seconds since the person's last frame, 0 in their first


class Fit(NamedTuple):
    """Normal equations of the moves of N people's seen joints, each joint on its own.

    Moves are in standard deviations of the lifter, which are part of the information.
    """

    information: Tensor  # (13 N, 3, 3)
    pull: Tensor  # (13 N, 3, 1)

    def moves(self) -> Tensor:
        """Return the solutions (N, 39)."""
        cofactors = torch.linalg.cross(self.information.roll(-1, 1), self.information.roll(1, 1))
        determinant = self.information[:, :1] @ cofactors[:, 0, :, None]
        return (cofactors @ self.pull / determinant).view(-1, 3 * _SEEN)


class _Keypoints(NamedTuple):
    """The keypoints of N people's seen joints."""

    root: RootEquations
    sharpness: Tensor  # (N, 13, 1) 1 / standard deviation, 0 where unseen
    sigma: Tensor  # (N, 39) standard deviations of the lifter's joints, metres
    sharp_sigma: Tensor  # (N, 13, 1, 3) the product of the two


class LearnedCorrection(nn.Module):
    """The network and its steps."""

    def __init__(self, width: int = HIDDEN, dropout: float = 0.3) -> None:
        super().__init__()
        mirror = [_Mirror(_OUTPUT), _Mirror(_CONSTANT), _Mirror(_CHANGING)]
        self._mirror_output, self._mirror_constant, self._mirror_changing = mirror
        self.constant = nn.Linear(mirror[1].size, width)
        self.changing = nn.Linear(mirror[2].size, width, bias=False)
        self.recurrent_input = nn.Linear(width, 3 * width)
        self.recurrent_hidden = nn.Linear(width, 3 * width)
        self.memory = nn.Linear(width, width, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(width)
        self.layer = nn.Linear(width, width)
        self.out = nn.Linear(width, mirror[0].size)
        nn.init.zeros_(self.out.weight)  # no correction at first
        nn.init.zeros_(self.out.bias)
        for name, constant in (('_joints', torch.tensor(SHARED_JOINTS)),
                               ('_keypoints', torch.tensor(SHARED_KEYPOINTS)),
                               ('_bones', _bones()), ('_to_all', _moves_of_all()),
                               ('_unit', torch.eye(3)),
                               ('_gain', _GAIN * (torch.arange(_POSE_SIZE) >= 3))):
            self.register_buffer(name, constant, persistent=False)

    def forward(self, seen: Evidence, hidden: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return corrected joints and log standard deviations (N, 17, 3), and the new state.

        `hidden` (P, 2, HIDDEN) is the state of each person and of the mirror image, zero before the
        first frame. The N = P T rows may be T consecutive frames of each person.
        """
        poses, log_sigma, hidden = self.steps(seen, hidden)
        return poses[-1], log_sigma, hidden

    def steps(self, seen: Evidence, hidden: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        """Return the same as `forward`, but the joints after every step.

        No gradient flows from the inputs of a step to the steps before.
        """
        joints, log_sigma = seen.joints.flatten(1), seen.log_sigma.flatten(1)
        sigma = log_sigma.exp()
        keypoints = self._keypoints_of(seen, sigma)
        free_sigma = sigma * self._gain
        poses = []
        for step in range(STEPS):
            fit = self._fit(joints.detach(), keypoints)
            best = fit.moves()
            changing = self._mirror_changing.both(
                self._changing_inputs(joints.detach(), seen, sigma, best))
            if step == 0:
                constant = self.constant(self.dropout(self._mirror_constant.both(
                    self._constant_inputs(seen, fit))))
                hidden, memory = self._remember(self._encode(constant, changing), hidden)
                constant = torch.addmm(constant, self.dropout(memory), self.memory.weight.mT)
            active = self._encode(constant, changing)
            active = active + functional.gelu(self.layer(self.norm(active)))
            free, log_factors, trust = self._mirror_output.mean(
                self.out(self.dropout(active))).split(_OUTPUT_SIZES, 1)
            joints = joints + torch.addmm(
                free * free_sigma, trust.tanh() * best * keypoints.sigma, self._to_all)
            log_sigma = torch.add(log_sigma, log_factors, alpha=_GAIN)
            poses.append(joints.view(-1, _JOINTS, 3))
        return poses, log_sigma.clamp(*_LOG_SIGMA_RANGE).view(-1, _JOINTS, 3), hidden

    def _encode(self, constant: Tensor, changing: Tensor) -> Tensor:
        return functional.gelu(torch.addmm(constant, changing, self.changing.weight.mT))

    def _keypoints_of(self, seen: Evidence, sigma: Tensor) -> _Keypoints:
        weights = seen.weights.index_select(1, self._keypoints)
        sigma = sigma.view(-1, _JOINTS, 3).index_select(1, self._joints)
        sharpness = (weights.sqrt() / (_KEYPOINT_SIGMA * seen.size[:, None]))[..., None]
        return _Keypoints(
            RootEquations.of(seen.plane.index_select(1, self._keypoints), weights),
            sharpness, sigma.flatten(1), (sharpness * sigma)[..., None, :])

    def _fit(self, joints: Tensor, keypoints: _Keypoints) -> Fit:
        """Return the normal equations of the keypoints, linearized at `joints` (N, 51)."""
        across, depth = keypoints.root.place(
            joints.view(-1, _JOINTS, 3).index_select(1, self._joints))
        projected = across / depth
        residual = (keypoints.root.plane - projected) * keypoints.sharpness
        scale = _ROBUST_SCALE ** 2
        trust = scale / (residual.square().sum(-1, keepdim=True) + scale)
        unit = self._unit
        jacobian = torch.addcmul(unit[:2], projected[..., None], unit[2], value=-1) \
            * ((trust / depth)[..., None] * keypoints.sharp_sigma)
        jacobian = jacobian.view(-1, 2, 3)
        return Fit(torch.baddbmm(unit, jacobian.mT, jacobian),
                   jacobian.mT @ (residual * trust).view(-1, 2, 1))

    def _constant_inputs(self, seen: Evidence, fit: Fit) -> Tensor:
        """Return the inputs (N, *) that are the same in all steps."""
        is_known = (seen.frame_share < 1).to(seen.joints)[:, None]
        motion = ((seen.before - seen.joints).flatten(1) / _MOTION).clamp(-_LIMIT, _LIMIT)
        scalars = torch.stack((
            (1 / seen.frame_share).clamp_max(_LONGEST).log(),
            (seen.time_step.clamp_min(_SHORTEST_STEP) / _NOMINAL_STEP).log(),
            seen.size.log() + 1), 1)
        return torch.cat((
            motion * is_known, seen.log_sigma.flatten(1) + 3,
            fit.information.diagonal(0, 1, 2).log().view(-1, 3 * _SEEN),
            seen.lengths / _LENGTH - 3, is_known, scalars), 1)

    def _changing_inputs(self, joints: Tensor, seen: Evidence, sigma: Tensor,
                         best: Tensor) -> Tensor:
        """Return the inputs (N, *) that each step changes."""
        lengths = torch.linalg.vector_norm((joints @ self._bones).view(-1, _BONES, 3), dim=-1)
        return torch.cat((
            (joints - seen.joints.flatten(1)) / sigma, best,
            (lengths - seen.lengths) / _LENGTH_CHANGE), 1).clamp(-_LIMIT, _LIMIT)

    def _remember(self, inputs: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Run a gated recurrent unit over the frames; return its state and all outputs.

        `inputs` (2 N, HIDDEN) are those of a person and of the mirror image in turn.
        """
        people, _, width = hidden.shape
        frames = self.recurrent_input(inputs).view(people, -1, 2, 3 * width).transpose(0, 1)
        state = hidden.reshape(-1, width)
        states = []
        for frame in frames:
            reset, keep, new = frame.reshape(-1, 3 * width).chunk(3, 1)
            reset_past, keep_past, new_past = self.recurrent_hidden(state).chunk(3, 1)
            new = (new + (reset + reset_past).sigmoid() * new_past).tanh()
            state = torch.lerp(new, state, (keep + keep_past).sigmoid())
            states.append(state)
        outputs = torch.stack([state.view(people, 2, width) for state in states], 1)
        return state.view(people, 2, width), outputs.view(-1, width)


_VECTOR_SIGNS, _NO_SIGNS = (-1.0, 1.0, 1.0), (1.0, 1.0, 1.0)
_OF_JOINTS = HUMAN36M_17.mirror
_OF_SEEN = [SHARED_JOINTS.index(_OF_JOINTS[joint]) for joint in SHARED_JOINTS]
_OF_BONES = HUMAN36M_17.mirror_bones
# Each input and output as the mirrored indices of its points, and the signs of their numbers.
_OUTPUT = ((_OF_JOINTS, _VECTOR_SIGNS), (_OF_JOINTS, _NO_SIGNS), (_OF_SEEN, _NO_SIGNS))
_CONSTANT = ((_OF_JOINTS, _VECTOR_SIGNS), (_OF_JOINTS, _NO_SIGNS),
             (_OF_SEEN, _NO_SIGNS), (_OF_BONES, (1.0,)), (range(_SCALARS), (1.0,)))
_OUTPUT_SIZES = (_POSE_SIZE, _POSE_SIZE, 3 * _SEEN)
_CHANGING = ((_OF_JOINTS, _VECTOR_SIGNS), (_OF_SEEN, _VECTOR_SIGNS), (_OF_BONES, (1.0,)))


def _bones() -> Tensor:
    """Return the matrix (51, 48) from joints to the vectors of the bones."""
    unit, bones = torch.eye(_JOINTS), torch.tensor(HUMAN36M_17.bones)
    return _of_points(unit[bones[:, 1]] - unit[bones[:, 0]])


def _moves_of_all() -> Tensor:
    """Return the matrix (39, 51) from moves of the seen joints to those of all joints.

    A joint between others moves with their mean. The moves are relative to the pelvis.
    """
    moves = torch.eye(_JOINTS)[:, SHARED_JOINTS]
    hips, shoulders = (
        moves[HUMAN36M_17.indices((f'left_{name}', f'right_{name}'))].mean(0)
        for name in ('hip', 'shoulder'))
    for name, others in (('pelvis', hips), ('spine', (hips + shoulders) / 2),
                         ('thorax', shoulders), ('head_top', moves[HUMAN36M_17.index('nose')])):
        moves[HUMAN36M_17.index(name)] = others
    return _of_points(moves - moves[:1])


def _of_points(matrix: Tensor) -> Tensor:
    """Return a matrix (3 A, 3 B) for rows of numbers, from one (B, A) for points."""
    return torch.kron(matrix, torch.eye(3)).mT.contiguous()


class _Mirror(nn.Module):
    """The mirror image of rows of numbers, as matrices."""

    def __init__(self, parts: tuple) -> None:
        super().__init__()
        order, signs = [], []
        for indices, part_signs in parts:
            first, width = len(order), len(part_signs)
            order += [first + width * i + k for i in indices for k in range(width)]
            signs += list(part_signs) * len(indices)
        self.size = len(order)
        unit = torch.eye(self.size)
        both = torch.cat((unit, unit[:, order] * torch.tensor(signs)), 1)
        self.register_buffer('_both', both, persistent=False)
        self.register_buffer('_mean', (both.mT / 2).contiguous(), persistent=False)

    def both(self, rows: Tensor) -> Tensor:
        """Return (2 N, size): each of the rows (N, size), followed by its mirror image."""
        return (rows @ self._both).view(-1, self.size)

    def mean(self, rows: Tensor) -> Tensor:
        """Return the means (N, size) of rows and their mirror images (2 N, size), mirrored back."""
        return rows.view(-1, 2 * self.size) @ self._mean
