# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.skeleton import (
    BLAZEPOSE_33, COCO_17, convert_keypoints, HUMAN36M_17, joint_set_of, JOINT_SETS)


@pytest.mark.parametrize('joints', JOINT_SETS, ids=lambda s: s.name)
def test_mirroring_twice_changes_nothing(joints):
    mirror = joints.mirror
    assert [mirror[m] for m in mirror] == list(range(len(joints)))
    assert any(m != i for i, m in enumerate(mirror))


def test_parents_come_from_one_root():
    assert HUMAN36M_17.parents[0] == -1
    assert all(0 <= p < i for i, p in enumerate(HUMAN36M_17.parents) if i)


@pytest.mark.parametrize('source', JOINT_SETS, ids=lambda s: s.name)
def test_shared_joints_keep_their_place(source):
    rng = np.random.default_rng(0)
    keypoints = rng.random((4, len(source), 3), np.float32)
    converted = convert_keypoints(keypoints, source, COCO_17)
    for i, name in enumerate(COCO_17.names):
        if name in source.names:
            np.testing.assert_array_equal(converted[:, i], keypoints[:, source.index(name)])
        else:
            assert np.isnan(converted[:, i, :2]).all() and (converted[:, i, 2] == 0).all()


def test_pelvis_is_between_the_hips_and_as_sure_as_the_worse():
    keypoints = np.zeros((17, 3), np.float32)
    keypoints[COCO_17.index('left_hip')] = 10, 20, 0.9
    keypoints[COCO_17.index('right_hip')] = 20, 40, 0.3
    pelvis = convert_keypoints(keypoints, COCO_17, HUMAN36M_17)[0]
    np.testing.assert_allclose(pelvis, (15, 30, 0.3), rtol=1e-6)


def test_names_in_any_order_and_case_are_recognised():
    assert joint_set_of([n.upper() for n in reversed(BLAZEPOSE_33.names)]) is BLAZEPOSE_33


def test_unknown_names_are_refused_with_the_known_sets():
    with pytest.raises(InputError, match='coco_17'):
        joint_set_of(['head', 'tail'])


def test_wrong_shape_is_refused():
    with pytest.raises(InputError, match=r'17, 3'):
        convert_keypoints(np.zeros((5, 3)), COCO_17, HUMAN36M_17)
