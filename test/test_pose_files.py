# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.pose_files import KeypointFile
from pose_machine_ros.skeleton import COCO_17, JOINT_SETS


def arrays(joint_set=COCO_17, frames=5):
    rng = np.random.default_rng(0)
    return {'stamps_ns': np.arange(frames) * 33_000_000,
            'uv': rng.uniform(0.1, 1, (frames, len(joint_set), 3)) * [640, 480, 1],
            'keypoints': np.array(joint_set.names),
            'K': np.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]])}


def read(tmp_path, **content):
    path = tmp_path / 'in.npz'
    np.savez(path, **content)
    return KeypointFile.read(path)


@pytest.mark.parametrize('joint_set', JOINT_SETS, ids=lambda s: s.name)
def test_any_known_joint_set_becomes_coco(tmp_path, joint_set):
    content = arrays(joint_set)
    file = read(tmp_path, **content)
    assert file.keypoints.shape == (5, 17, 3)
    ours = file.keypoints[:, COCO_17.index('left_wrist')]
    theirs = content['uv'][:, joint_set.index('left_wrist')]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_the_order_of_the_names_is_respected(tmp_path):
    content = arrays()
    order = np.random.default_rng(1).permutation(17)
    turned = {**content, 'uv': content['uv'][:, order], 'keypoints': content['keypoints'][order]}
    np.testing.assert_array_equal(read(tmp_path, **turned).keypoints,
                                  read(tmp_path, **content).keypoints)


def test_nan_is_unseen(tmp_path):
    content = arrays()
    content['uv'][2, 3, 0] = np.nan
    keypoint = read(tmp_path, **content).keypoints[2, 3]
    assert np.isnan(keypoint[:2]).all() and keypoint[2] == 0


@pytest.mark.parametrize('name', ['stamps_ns', 'uv', 'keypoints', 'K'])
def test_a_missing_array_is_named(tmp_path, name):
    content = arrays()
    del content[name]
    with pytest.raises(InputError, match=f"lacks the array '{name}'"):
        read(tmp_path, **content)


@pytest.mark.parametrize('name, value', [
    ('uv', np.zeros((5, 17, 2))), ('uv', np.zeros((4, 17, 3))), ('uv', np.array(['a'] * 5)),
    ('K', np.zeros((3, 4))), ('stamps_ns', np.zeros((5, 1))), ('stamps_ns', np.zeros(5)),
    ('keypoints', np.arange(17))])
def test_a_wrong_shape_is_named(tmp_path, name, value):
    with pytest.raises(InputError, match=name):
        read(tmp_path, **{**arrays(), name: value})


def test_unknown_names_are_refused(tmp_path):
    content = {**arrays(), 'keypoints': np.array([f'joint{i}' for i in range(17)])}
    with pytest.raises(InputError, match='known joint set'):
        read(tmp_path, **content)


def test_an_uncalibrated_matrix_is_refused(tmp_path):
    with pytest.raises(InputError, match='camera matrix'):
        read(tmp_path, **{**arrays(), 'K': np.zeros((3, 3))})


def test_pickled_objects_are_not_loaded(tmp_path):
    path = tmp_path / 'in.npz'
    np.savez(path, uv=np.array([{}], dtype=object))
    with pytest.raises(InputError, match='pickled'):
        KeypointFile.read(path)


def test_another_kind_of_file_is_refused(tmp_path):
    path = tmp_path / 'in.npz'
    path.write_text('hello')
    with pytest.raises(InputError, match='NPZ'):
        KeypointFile.read(path)
    with pytest.raises(InputError, match='NPZ'):
        KeypointFile.read(tmp_path / 'absent.npz')
