# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where people known in 3D should be in the next picture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from pose_machine_ros.camera import Camera
from pose_machine_ros.lifting.person import LiftedPerson
from pose_machine_ros.pose import Motion, Skeleton

_LINE = np.float32((0, 0.3, 0))  # metres
_STOPPING_SECONDS = 0.6  # in which the velocity of someone unseen falls to 1 / e


def predict_motion(tracks: Mapping[str, LiftedPerson], stamp_ns: int,
                   camera: Camera) -> dict[str, Motion]:
    """Return how people should have moved in the picture between last seen and `stamp_ns`."""
    lifted = {i: t for i, t in tracks.items() if t.skeleton is not None}
    if not lifted:
        return {}
    before = np.stack([t.skeleton.xyz.mean(0) for t in lifted.values()])
    after = before + np.stack([_way(t.skeleton, t.time_step(stamp_ns)) for t in lifted.values()])
    middles = np.stack((before, after))
    was, now = camera.project(torch.from_numpy(middles)).numpy()
    # Whatever the lens, somebody grows as a short upright line at their place does.
    was_end, now_end = camera.project(torch.from_numpy(middles + _LINE)).numpy()
    growth = np.linalg.norm(now_end - now, axis=-1) / np.linalg.norm(was_end - was, axis=-1)
    return {identity: Motion(now[i] - was[i], float(growth[i]))
            for i, identity in enumerate(lifted)
            if np.isfinite((was[i], now[i])).all() and np.isfinite(growth[i])}


def _way(skeleton: Skeleton, seconds: float) -> np.ndarray:
    """Return the (3,) metres that a person goes in `seconds` at a velocity that fades."""
    velocity = skeleton.velocity.mean(0)
    return velocity * np.float32(_STOPPING_SECONDS * -np.expm1(-seconds / _STOPPING_SECONDS))
