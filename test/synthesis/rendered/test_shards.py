# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support.rendered_sequences import random_sequence

from pose_machine_ros.errors import InputError
from pose_machine_ros.synthesis.rendered.shards import read_shard, write_shard


def test_what_is_written_is_read(tmp_path):
    written = [random_sequence(seed) for seed in range(3)]
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
