# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The bones of anny, the parts of the body that they move, and the limbs that they form."""

from __future__ import annotations

# The first and the last bone of each limb segment; the segment ends where the next bone begins.
LIMBS = {'upper_arm': ('upperarm01', 'lowerarm01'), 'forearm': ('lowerarm01', 'wrist'),
         'thigh': ('upperleg01', 'lowerleg01'), 'shank': ('lowerleg01', 'foot')}
SIDES = {'left': 'L', 'right': 'R'}

_PARTS = {
    'root': 'pelvis', 'pelvis': 'pelvis', 'spine05': 'abdomen', 'spine04': 'abdomen',
    'spine': 'chest', 'breast': 'chest', 'clavicle': 'chest', 'shoulder': 'chest',
    'upperarm': 'upper_arm', 'lowerarm': 'forearm', 'wrist': 'hand', 'finger': 'hand',
    'metacarpal': 'hand', 'upperleg': 'thigh', 'lowerleg': 'shank', 'foot': 'foot', 'toe': 'foot',
    'neck': 'neck'}


def part_of(bone: str) -> str:
    """Return the part of the body that a bone moves; bones of the face move the head."""
    return next((part for start, part in _PARTS.items() if bone.startswith(start)), 'head')


def side_of(bone: str) -> str | None:
    """Return 'left' or 'right', or None for a bone in the middle."""
    return {'.L': 'left', '.R': 'right'}.get(bone[-2:])


def on_side(bone: str, side: str) -> str:
    """Return the name of the bone on one side of the body."""
    return f'{bone}.{SIDES[side]}'
