# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""People who sit, crouch and bend, all the time or now and then.

Few captured people do. So the captured trunk, head and arms are put on folded legs and are bent at
the hips. The feet stay where they are, as when somebody sits down.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from pose_machine_ros.skeleton import MOCAP_25
from pose_machine_ros.synthesis.rotations import axis_angle_to_matrix, trunk_frame

_THIGH, _SHANK, _FOOT, _HEEL = 0.43, 0.42, 0.15, 0.07  # metres; any lengths will do
_LEGS = [i for i, n in enumerate(MOCAP_25.names)
         if n.endswith(('hip', 'knee', 'ankle', 'toe', 'heel'))]
_ARMS = {side: [MOCAP_25.index(f'{side}_{part}') for part in ('elbow', 'wrist', 'hand')]
         for side in ('left', 'right')}
_ANKLES = MOCAP_25.indices(('left_ankle', 'right_ankle'))
_ALWAYS, _CHANGING = 0.4, 0.75  # shares of clips: folded in all frames, those or folded once
_SECONDS = (0.6, 2.0)  # to sit down or to stand up
_RISING = math.radians(35)  # the trunk leans forwards by up to this while somebody sits down


def fold(joints: Tensor, sits: Tensor, crouches: Tensor, bends: Tensor, share: Tensor,
         generator: torch.Generator) -> Tensor:
    """Return the clips (B, T, 25, 3) of which some sit, crouch or bend, (B,) bool each.

    `share` (B, T) is by how much in each frame, in [0, 1]; see `random_shares`.
    """
    batch = len(joints)

    def between(low: float, high: float) -> Tensor:
        return torch.deg2rad(low + (high - low) * torch.rand(batch, generator=generator))

    def normal(mean: float, sigma: float) -> Tensor:
        return torch.deg2rad(mean + sigma * torch.randn(batch, generator=generator))

    has_folded_legs = sits | crouches
    legs = fold_legs(joints, crouches, share, generator)
    joints = torch.where(has_folded_legs[:, None, None, None], legs, joints)
    forward = torch.where(sits, normal(8, 15).clamp(-0.4, 0.8),
                          torch.where(crouches, between(0, 60), between(10, 90)))
    forward = forward[:, None] * share
    forward = forward + torch.where(sits[:, None], 4 * _RISING * share * (1 - share), 0.0)
    sideways = torch.where(bends, normal(0, 15), normal(0, 6))[:, None] * share
    hangs = torch.rand(batch, 2, generator=generator) < 0.4
    bent = bend_trunk(joints, forward, sideways, hangs)
    return torch.where((has_folded_legs | bends)[:, None, None, None], bent, joints)


def random_shares(steps: Tensor, generator: torch.Generator) -> Tensor:
    """Return by how much each clip is folded in each frame, (B, T) in [0, 1].

    Some clips are folded throughout, some change once, and some change back and forth. `steps`
    (B, T) are the seconds since the frame before.
    """
    batch = len(steps)

    def rand() -> Tensor:
        return torch.rand(batch, 1, generator=generator)

    seconds = steps.cumsum(1)
    low, high = _SECONDS
    duration = low + (high - low) * rand()
    start = rand() * seconds[:, -1:] - duration / 2
    once = ((seconds - start) / duration).clamp(0, 1)
    once = torch.where(rand() < 0.5, once, 1 - once)
    again = (seconds / duration + 2 * rand()) % 2
    again = 1 - (again - 1).abs()
    kind = rand()
    share = torch.where(kind < _ALWAYS, 1.0, torch.where(kind < _CHANGING, once, again))
    return share * share * (3 - 2 * share)  # starts and ends slowly


def fold_legs(joints: Tensor, crouches: Tensor, share: Tensor,
              generator: torch.Generator) -> Tensor:
    """Return the clips with the legs of people who sit, or crouch if `crouches` (B,).

    With a `share` (B, T) of 0 they stand upright. The people stay in one place, and so do their
    feet.
    """
    batch = len(joints)

    def between(low: float, high: float) -> Tensor:
        return torch.deg2rad(low + (high - low) * torch.rand(batch, generator=generator))

    frame = trunk_frame(joints)
    forward = frame[..., 1] * torch.tensor((1.0, 1.0, 0.0))
    forward = torch.nn.functional.normalize(forward, dim=-1)  # (B, T, 3), level
    up = torch.tensor((0.0, 0.0, 1.0)).expand_as(forward)
    left = torch.linalg.cross(up, forward)
    out = joints.clone()
    raised = torch.where(crouches, between(-40, 50), between(-20, 20))
    # Angle between shank and straight down, positive if the ankle is in front of the knee.
    swing = torch.where(crouches, between(-65, -15), between(-35, 40))
    for side, outward in (('left', left), ('right', -left)):
        spread = between(-8, 35)

        def along(elevation: Tensor) -> Tensor:
            e, s = elevation[..., None], spread[:, None, None]
            return e.cos() * (s.cos() * forward + s.sin() * outward) + e.sin() * up

        down = -math.pi / 2
        thigh = along(down + share * (raised + between(-10, 10) - down)[:, None])
        shank = along(down + share * (swing + between(-10, 10))[:, None])
        foot = along(between(-20, 10)[:, None].expand_as(share))
        knee = joints[:, :, MOCAP_25.index(f'{side}_hip')] + _THIGH * thigh
        ankle = knee + _SHANK * shank
        for part, position in (('knee', knee), ('ankle', ankle), ('toe', ankle + _FOOT * foot),
                               ('heel', ankle - _HEEL * (foot + up))):
            out[:, :, MOCAP_25.index(f'{side}_{part}')] = position
    feet = out[:, :, _ANKLES].mean(2, keepdim=True)
    return out - feet + feet[:, :1]


def bend_trunk(joints: Tensor, forward: Tensor, sideways: Tensor, hangs: Tensor) -> Tensor:
    """Return the clips with the trunk turned about the pelvis by angles (B, T) in radians.

    An arm moves with the trunk, or keeps its direction if it `hangs` (B, 2), left and right.
    """
    frame = trunk_frame(joints)
    # About the left axis, a positive angle turns down (the frame's third axis) to the front.
    turn = axis_angle_to_matrix(frame[..., 1] * sideways[..., None]) @ axis_angle_to_matrix(
        frame[..., 0] * forward[..., None])
    pelvis = joints[:, :, :1]
    bent = (joints - pelvis) @ turn.mT + pelvis
    out = bent.clone()
    for (side, parts), still in zip(_ARMS.items(), hangs.unbind(1)):
        shoulder = MOCAP_25.index(f'{side}_shoulder')
        arm = joints[:, :, parts] - joints[:, :, [shoulder]] + bent[:, :, [shoulder]]
        out[:, :, parts] = torch.where(still[:, None, None, None], arm, bent[:, :, parts])
    out[:, :, _LEGS] = joints[:, :, _LEGS]
    return out
