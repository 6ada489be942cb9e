# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A small synthetic motion capture file: people who walk and wave."""

import numpy as np

from pose_machine_ros.skeleton import MOCAP_25

_STANDING = {
    'pelvis': (0, 0, 0.95), 'hip': (0.1, 0, 0.93), 'knee': (0.11, 0.02, 0.5),
    'ankle': (0.11, 0, 0.09), 'spine': (0, 0, 1.18), 'thorax': (0, 0, 1.41),
    'nose': (0, 0.12, 1.58), 'head_top': (0, 0, 1.74), 'shoulder': (0.18, 0, 1.4),
    'elbow': (0.25, 0, 1.12), 'wrist': (0.3, 0.08, 0.9), 'toe': (0.12, 0.15, 0.02),
    'heel': (0.11, -0.06, 0.03), 'hand': (0.31, 0.12, 0.83), 'ear': (0.07, 0, 1.62)}


def standing() -> np.ndarray:
    """Return a person who looks along y, (25, 3) metres, z up; the left is at negative x."""
    rows = []
    for name in MOCAP_25.names:
        part = name if name == 'head_top' else name.rpartition('_')[2]
        x, y, z = _STANDING[part]
        rows.append((-x if name.startswith('left_') else x, y, z))
    return np.array(rows, np.float32)


def write(path, clips=4, frames=90, seed=0):
    """Write a motion capture file and return its path."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames)[:, None] / 30
    joints = []
    for _ in range(clips):
        clip = np.repeat(standing()[None], frames, 0)
        clip += 0.02 * rng.normal(size=(1, 25, 3))
        clip[..., 1] += 1.0 * time  # walks along y
        wave = 0.25 * np.sin(2 * np.pi * (0.8 * time[:, 0] + rng.random()))
        for name in ('left_wrist', 'left_hand', 'left_elbow'):
            clip[:, MOCAP_25.index(name), 2] += wave
        for side, sign in (('left', 1), ('right', -1)):
            for part, size in (('knee', 0.1), ('ankle', 0.25), ('toe', 0.25), ('heel', 0.25)):
                clip[:, MOCAP_25.index(f'{side}_{part}'), 1] += sign * size * np.sin(6 * time[:, 0])
        joints.append(clip)
    joints = np.concatenate(joints).astype(np.float32)
    names = [n.replace('left_', 'l_').replace('right_', 'r_') for n in MOCAP_25.names]
    np.savez(path, root=joints[:, 0], rel=(joints[:, 1:] - joints[:, :1]).astype(np.float16),
             starts=np.arange(clips, dtype=np.int32) * frames,
             lengths=np.full(clips, frames, np.int32), fps=np.full(clips, 30, np.float32),
             split=np.array(['train'] * (clips - 1) + ['test']), joints=np.array(names))
    return path
