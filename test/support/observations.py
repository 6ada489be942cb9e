# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""People with known poses, for tests of the correction."""

import torch

from pose_machine_ros.correction.geometric import Observation
from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS

STEP = 1 / 30  # seconds between frames


def standing_pose() -> torch.Tensor:
    """Return an upright person, (17, 3) metres relative to the pelvis, optical frame (y down)."""
    left = {'hip': (0.1, 0, 0), 'knee': (0.12, 0.42, 0.03), 'ankle': (0.12, 0.83, 0.1),
            'shoulder': (0.18, -0.46, 0), 'elbow': (0.3, -0.22, 0.05), 'wrist': (0.35, 0, -0.1)}
    middle = {'pelvis': (0, 0, 0), 'spine': (0, -0.24, 0), 'thorax': (0, -0.48, 0),
              'nose': (0, -0.62, -0.12), 'head_top': (0, -0.76, 0)}
    rows = []
    for name in HUMAN36M_17.names:
        side, _, part = name.partition('_')
        if side in ('left', 'right') and part in left:
            x, y, z = left[part]
            rows.append((x if side == 'left' else -x, y, z))
        else:
            rows.append(middle[name])
    return torch.tensor(rows, dtype=torch.float64)


def walking(people: int = 3, frames: int = 5, noise: float = 0.0, prior_error: float = 0.0,
            seed: int = 0) -> tuple[torch.Tensor, list[Observation]]:
    """Return true positions (P, T, 17, 3) of people who walk, and an observation of each frame."""
    generator = torch.Generator().manual_seed(seed)

    def randn(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    pose = standing_pose() + 0.03 * randn(people, 17, 3)
    pose = pose - pose[:, :1]
    start = torch.tensor([0.2, 0.1, 4.0], dtype=torch.float64) + 0.3 * randn(people, 1, 3)
    time = torch.arange(frames, dtype=torch.float64)[:, None, None] * STEP
    velocity = torch.tensor([1.2, 0, 0.4], dtype=torch.float64)
    truth = (pose + start)[:, None] + time * velocity
    plane = torch.zeros(people, frames, 17, 2, dtype=torch.float64)
    plane[:, :, SHARED_KEYPOINTS] = (truth[..., :2] / truth[..., 2:])[:, :, SHARED_JOINTS]
    plane = plane + noise * randn(people, frames, 17, 2)
    sigma = torch.tensor([0.03, 0.03, 0.08], dtype=torch.float64)
    bones = torch.stack([pose[:, c] - pose[:, p] for p, c in HUMAN36M_17.bones], 1)
    away = prior_error * randn(people, 17, 3) * sigma / 0.03
    joints = pose + away - away[:, :1]
    return truth, [Observation(
        torch.eye(3, dtype=torch.float64).expand(people, 3, 3), plane[:, t],
        torch.ones(people, 17, dtype=torch.float64),
        torch.full((people,), 0.12, dtype=torch.float64), joints, sigma.expand(people, 17, 3),
        bones.norm(dim=-1)) for t in range(frames)]
