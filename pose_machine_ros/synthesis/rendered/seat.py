# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Something to sit on, below a person who sits."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.synthesis.rendered import colours
from pose_machine_ros.synthesis.rendered.meshes import box, joined, Mesh
from pose_machine_ros.synthesis.rendered.person import PosedPerson
from pose_machine_ros.synthesis.rendered.rotations import unit

_LEVEL = np.cos(np.radians(55))  # largest cosine of a sitting person's thighs to the vertical
_UPRIGHT, _LOWEST = 0.5, 0.25  # cosine of the trunk to the vertical; height of the pelvis, metres
_PELVIS, _HIPS, _KNEES = 0, HUMAN36M_17.indices(('left_hip', 'right_hip')), HUMAN36M_17.indices(
    ('left_knee', 'right_knee'))
_THORAX = HUMAN36M_17.index('thorax')
_BACKREST = 0.4  # share of the seats
_BUTTOCKS = np.array((0.15, 0.15, 0.25))  # metres around the pelvis: level, level, and below it


def sits(person: PosedPerson) -> bool:
    """Return whether the person sits in all frames: level thighs, a pelvis above the floor."""
    thighs = unit(person.joints[:, _KNEES] - person.joints[:, _HIPS])
    trunk = unit(person.joints[:, _THORAX] - person.joints[:, _PELVIS])
    return bool((np.abs(thighs[..., 2]) < _LEVEL).all() and (trunk[:, 2] > _UPRIGHT).all()
                and (person.joints[:, _PELVIS, 2] > _LOWEST).all())


def seat_below(person: PosedPerson, rng: np.random.Generator) -> Mesh:
    """Return a random seat below the person's pelvis in all frames; world frame."""
    pelvis = person.joints[:, _PELVIS].mean(0)
    forward = unit((person.joints[:, _KNEES] - person.joints[:, _HIPS]).mean((0, 1)) * (1, 1, 0))
    axes = np.array((forward, np.cross((0, 0, 1), forward), (0, 0, 1)))  # of the seat
    points = (person.surface - pelvis) @ axes.T
    near = (np.abs(points) < _BUTTOCKS).all(-1)
    top = points[near][:, 2].min() + 0.01  # what one sits on gives way a little
    floor = -pelvis[2]
    back, front = -rng.uniform(0.18, 0.3), rng.uniform(0.1, 0.25)
    half_width = rng.uniform(0.2, 0.45) if rng.uniform() < 0.8 else rng.uniform(0.45, 1)
    thickness = rng.choice((rng.uniform(0.02, 0.1), top - floor))
    colour = colours.any_colour(rng)

    def part(low: tuple[float, float, float], high: tuple[float, float, float]) -> Mesh:
        return box(np.array(low), np.array(high), colour)

    parts = [part((back, -half_width, max(top - thickness, floor)), (front, half_width, top))]
    if thickness < top - floor:
        leg = rng.uniform(0.015, 0.03)
        parts += [part((x - leg, y - leg, floor), (x + leg, y + leg, top - thickness))
                  for x in (back + leg, front - leg) for y in (leg - half_width, half_width - leg)]
    if rng.uniform() < _BACKREST:
        parts.append(part((back - 0.04, -half_width, top), (back, half_width, top + rng.uniform(
            0.25, 0.6))))
    return joined(parts).seen(axes.T, -axes @ pelvis)
