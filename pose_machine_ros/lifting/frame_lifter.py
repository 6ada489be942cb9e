# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Lifting and correction of one frame of several people, from rays to positions.

Only tensors go in and out, their shapes depend on the number of people alone, and nothing waits for
the device. So a frame can be captured as a CUDA graph.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn, Tensor

from pose_machine_ros.correction import trajectory
from pose_machine_ros.correction.geometric import GeometricCorrection, Observation
from pose_machine_ros.correction.learned import Evidence, LearnedCorrection
from pose_machine_ros.correction.measured_depth import (
    DepthModel, MeasuredDepth, scaled_covariance, SizeChange)
from pose_machine_ros.correction.paper import PaperCorrection
from pose_machine_ros.correction.root import locate
from pose_machine_ros.lifting.appearance_network import AppearanceNetwork, PictureFeatures
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.features import PersonView, view_people
from pose_machine_ros.lifting.people_state import PeopleState
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter
from pose_machine_ros.lifting.short_states import KINDS
from pose_machine_ros.lifting.streaming_lifter import StreamingLifter
from pose_machine_ros.lifting.uncertainty import lifter_covariance
from pose_machine_ros.skeleton import HUMAN36M_17

_JOINTS = len(HUMAN36M_17)
_MEMORY_SECONDS = 0.15  # over which changes by the picture are averaged


_WIDTHS = (1, 1, trajectory.COEFFICIENTS, KINDS, KINDS, trajectory.MEMORY)
SCHEDULE_COLUMNS = sum(_WIDTHS)


class Schedule(NamedTuple):
    """What depends on the stamps and the numbers of frames of P people, in columns."""

    time_step: Tensor  # (P,) seconds since the person's last frame, 0 in their first
    frame_share: Tensor  # (P,) 1 / number of the person's frames, with this one
    motion: Tensor  # (P, COEFFICIENTS) see trajectory.motion_coefficients
    shares: Tensor  # (P, KINDS) and `keep` (P, KINDS): see ShortStates
    keep: Tensor
    slope: Tensor  # (P, MEMORY) see trajectory.slope_weights

    @classmethod
    def of(cls, rows: Tensor) -> Schedule:
        """Return the columns of rows (P, N) as LiftedPerson.next_frame makes them."""
        time_step, frame_share, *several = rows.split(_WIDTHS, 1)
        return cls(time_step[:, 0], frame_share[:, 0], *several)


class Lift(NamedTuple):
    """The result of the lifter for P people, for a nominal adult."""

    view: PersonView
    joints: Tensor  # (P, 17, 3) metres relative to the pelvis, person camera
    sigma: Tensor  # (P, 17, 3) metres, their standard deviations
    recurrent: Tensor  # and `appearance`: the new parts of the state
    appearance: Tensor


class LiftedFrame(NamedTuple):
    """P people in one frame, in the camera's optical frame, metres of a nominal adult."""

    positions: Tensor  # (P, 17, 3)
    covariance: Tensor  # (P, 17, 3, 3)
    velocity: Tensor  # (P, 17, 3) metres per second
    intermediate: Tensor  # (P, 17, 3) before the correction, relative to the pelvis
    size: SizeChange | None = None  # what measured depth says about it; None without depth

    def rows(self) -> Tensor:
        """Return all numbers of each person in one row (P, N)."""
        *parts, size = self
        return torch.cat([part.flatten(1) for part in (*parts, *(size or ()))], 1)


class FrameLifter(nn.Module):
    """Lifter and correction; `learned` and `paper` are needed for those corrections only."""

    def __init__(self, lifter: RecurrentLifter, config: LiftingConfig,
                 appearance: AppearanceNetwork | None = None) -> None:
        """Use the weights of `lifter` and `appearance`, on their device."""
        super().__init__()
        device = next(lifter.parameters()).device
        self.streaming = StreamingLifter(lifter)
        self.appearance = appearance
        self.geometric = GeometricCorrection(config.geometric).to(device)
        self.depth = DepthModel().to(device)
        self.learned: LearnedCorrection | None = None
        self.paper: PaperCorrection | None = None
        bones = torch.eye(_JOINTS)[[c for _, c in HUMAN36M_17.bones]] \
            - torch.eye(_JOINTS)[[p for p, _ in HUMAN36M_17.bones]]
        sides = torch.eye(len(HUMAN36M_17.bones))
        for name, matrix in (('_bones', bones),
                             ('_both_sides', (sides + sides[list(HUMAN36M_17.mirror_bones)]) / 2)):
            self.register_buffer(name, matrix.to(device), persistent=False)

    def lift(self, rays: Tensor, scores: Tensor, schedule: Schedule, state: PeopleState,
             upright: Tensor | None, picture: PictureFeatures | None = None) -> Lift:
        """Run the lifter; arguments as in `view_people`.

        `picture` are the features of the pictures of the same people, if there are any.
        """
        view = view_people(rays, scores, schedule.time_step, upright)
        joints, log_sigma, recurrent = self.streaming(
            view.features, state.recurrent, schedule.shares, schedule.keep)
        change = state.appearance
        if picture is not None:
            newest = torch.stack(self.appearance(view.features, joints, picture), 1)
            step = schedule.time_step[:, None, None, None]
            # The features differ from frame to frame more than what they tell.
            share = torch.where(step > 0, 1 - torch.exp(-step / _MEMORY_SECONDS), 1.0)
            change = torch.lerp(change, newest, share)
            joints, log_sigma = joints + change[:, 0], log_sigma + change[:, 1]
        return Lift(view, joints, log_sigma.exp(), recurrent, change)

    def correct(self, lift: Lift, schedule: Schedule, state: PeopleState, correction: str,
                measured: MeasuredDepth | None = None) -> tuple[LiftedFrame, PeopleState]:
        """Place the people and apply the `correction`, one of CORRECTIONS.

        `measured` are the depths of the same people, if there is a depth camera. All corrections
        take the size from it, and `geometric` also the depth of each joint.
        """
        view, joints, sigma = lift.view, lift.joints, lift.sigma
        hidden = torch.zeros_like(state.hidden)  # after another correction it starts anew
        intermediate = joints @ view.rotation
        length = torch.linalg.vector_norm(self._bones @ joints, dim=-1) @ self._both_sides
        lengths = torch.addcmul(
            state.lengths, length - state.lengths, schedule.frame_share[:, None])
        if correction == 'learned':
            joints, log_sigma, hidden = self.learned(Evidence(
                joints, sigma.log(), view.plane, view.weights, view.size,
                state.lifted @ view.rotation.mT, lengths, schedule.frame_share,
                schedule.time_step), state.hidden)
            sigma = log_sigma.exp()
        elif correction == 'paper':
            joints = self.paper.correct(joints, view.plane, view.weights)
        # The geometric correction has a robust loss of its own, so one round is enough for it.
        root = locate(joints, view.plane, view.weights, 1 if correction == 'geometric' else 3)
        placed = joints + root[:, None]
        positions = placed @ view.rotation
        shape = (-1, _JOINTS, 3)
        depth = size = with_size = None
        if measured is not None:
            depth = self.depth(placed, sigma, view.plane, measured)
            size = depth.size
        if correction == 'geometric':
            geometric = self.geometric
            past = trajectory.predict(
                state.trajectory, schedule.motion, geometric.config.fading)
            seen = Observation(
                view.rotation, view.plane, view.weights, view.size, joints, sigma, lengths)
            if depth is None:
                newest, covariance = geometric(positions, seen, past)
            else:
                newest, covariance, size, with_size = geometric.with_depth(
                    positions, seen, past, depth)
            history = trajectory.update(state.trajectory, past, newest, covariance)
            covariance = covariance.view(-1, _JOINTS, 3, _JOINTS, 3).diagonal(0, 1, 3)
            covariance = covariance.permute(0, 3, 1, 2)
        else:
            newest = positions.flatten(1)
            history = trajectory.append(state.trajectory, newest)
            covariance = lifter_covariance(sigma, view.rotation)
        positions = newest.view(shape)
        if depth is not None:
            covariance = scaled_covariance(
                covariance, positions, with_size, size.variance, depth.is_known)
        velocity = schedule.slope[:, None] @ history.positions
        return (LiftedFrame(positions, covariance, velocity.view(shape), intermediate,
                            size),
                PeopleState(lift.recurrent, history, lengths, lift.appearance, intermediate,
                            hidden))
