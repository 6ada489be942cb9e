# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import captured

from pose_machine_ros.evaluation.crossings import walks_of
from pose_machine_ros.evaluation.room_walks import room_walk
from pose_machine_ros.skeleton import MOCAP_25


@pytest.fixture
def walk(tmp_path: Path) -> np.ndarray:
    clips, fps = walks_of(captured.write(tmp_path / 'motion.npz'))
    return room_walk(clips, fps, 40, 1.5, np.random.default_rng(0))


def test_a_walk_has_its_length_and_stays_in_the_room(walk: np.ndarray) -> None:
    assert walk.shape == (1201, 25, 3)
    away = np.linalg.norm(walk[:, 0, :2], axis=-1)
    assert away.max() < 3 and away.std() > 0.2
    assert walk[..., 2].min() > -0.2
    assert np.quantile(walk[..., 2], 0.02) == pytest.approx(0, abs=0.03)


def test_a_walk_is_smooth_and_goes_forward(walk: np.ndarray) -> None:
    speed = np.diff(walk[:, 0, :2], axis=0) * 30
    assert 0.7 < np.median(np.linalg.norm(speed, axis=-1)) < 1.3
    steps = np.linalg.norm(np.diff(walk, axis=0), axis=-1)
    assert steps.max() < 0.25  # metres in a frame: no jumps from clip to clip
    left, right = (walk[1:, MOCAP_25.index(f'{side}_hip'), :2] for side in ('left', 'right'))
    across = left - right
    forward = np.stack((across[:, 1], -across[:, 0]), -1)
    assert ((forward * speed).sum(-1) > 0).mean() > 0.95


def test_bones_keep_their_lengths(walk: np.ndarray) -> None:
    knee, ankle = (walk[:, MOCAP_25.index(f'left_{part}')] for part in ('knee', 'ankle'))
    length = np.linalg.norm(knee - ankle, axis=-1)
    assert length.std() < 0.1 * length.mean()
