# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.synthesis.rendered.shards import (
    read_shard, RenderedSequence, write_shard)


def sequence(seed):
    rng = np.random.default_rng(seed)
    jpeg = [cv2.imencode('.jpg', rng.integers(0, 255, (8 + seed, 8, 3), np.uint8))[1].ravel()
            for _ in range(4)]
    return RenderedSequence(
        jpeg, rng.normal(size=(4, 17, 3)), rng.normal(size=(4, 17, 3)), rng.normal(size=(4, 3, 3)),
        rng.normal(size=(4, 4)), np.array(1.7), rng.random((4, 17)) < 0.5,
        rng.random((4, 17)) < 0.5, rng.normal(size=3), rng.random(4))


def test_what_is_written_is_read(tmp_path):
    written = [sequence(seed) for seed in range(3)]
    write_shard(tmp_path / 'a.npz', written)
    read = read_shard(tmp_path / 'a.npz')
    assert len(read) == 3
    for a, b in zip(written, read):
        for name in ('joints', 'keypoints3d', 'matrix', 'region', 'stature', 'up', 'step'):
            np.testing.assert_allclose(getattr(b, name), getattr(a, name), rtol=1e-6)
            assert getattr(b, name).dtype == np.float32
        np.testing.assert_array_equal(b.inside, a.inside)
        np.testing.assert_array_equal(b.visible, a.visible)
        for frame in range(4):
            np.testing.assert_array_equal(b.picture(frame), a.picture(frame))


def test_another_file_is_refused(tmp_path):
    np.savez(tmp_path / 'other.npz', joints=np.zeros(3))
    with pytest.raises(InputError, match='it lacks jpeg, .*render-people'):
        read_shard(tmp_path / 'other.npz')
