# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.skeleton import (
    BLAZEPOSE_33, COCO_17, COCO_18, convert_keypoints, find_capture_joint, HUMAN36M_17,
    joint_set_of, JOINT_SETS)


@pytest.mark.parametrize('joints', JOINT_SETS, ids=lambda s: s.name)
def test_mirroring_twice_changes_nothing(joints):
    mirror = joints.mirror
    assert [mirror[m] for m in mirror] == list(range(len(joints)))
    assert any(m != i for i, m in enumerate(mirror))


def test_a_mirrored_bone_joins_the_mirrored_joints():
    bones, mirror = HUMAN36M_17.bones, HUMAN36M_17.mirror
    for bone, mirrored in zip(bones, HUMAN36M_17.mirror_bones):
        assert bones[mirrored] == tuple(mirror[joint] for joint in bone)


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


@pytest.mark.parametrize('part, target, middle', [
    ('hip', HUMAN36M_17, 'pelvis'), ('shoulder', HUMAN36M_17, 'thorax'),
    ('shoulder', COCO_18, 'neck')])
def test_the_middle_of_two_keypoints_has_the_lower_score(part, target, middle):
    keypoints = np.zeros((17, 3), np.float32)
    keypoints[COCO_17.index(f'left_{part}')] = 10, 20, 0.9
    keypoints[COCO_17.index(f'right_{part}')] = 20, 40, 0.3
    converted = convert_keypoints(keypoints, COCO_17, target)
    np.testing.assert_allclose(converted[target.index(middle)], (15, 30, 0.3), rtol=1e-6)


@pytest.mark.parametrize('part, side, names, expected', [
    ('ankle', 'left', {'ltibia', 'rtibia'}, 'ltibia'),
    ('ankle', 'right', {'leftfoot', 'rightfoot'}, 'rightfoot'),
    ('knee', 'left', {'leftupleg', 'leftleg'}, 'leftleg'),
    ('head', '', {'neck', 'head'}, 'head'),
    ('toe', 'left', {'leftfoot', 'righttoebase'}, None)])
def test_joints_of_capture_files_are_found_by_name(part, side, names, expected):
    assert find_capture_joint(part, side, names) == expected


def test_names_in_any_order_and_case_are_recognised():
    assert joint_set_of([n.upper() for n in reversed(BLAZEPOSE_33.names)]) is BLAZEPOSE_33


def test_unknown_names_are_refused_with_the_known_sets():
    with pytest.raises(InputError, match='coco_17'):
        joint_set_of(['head', 'tail'])


def test_wrong_shape_is_refused():
    with pytest.raises(InputError, match=r'17, 3'):
        convert_keypoints(np.zeros((5, 3)), COCO_17, HUMAN36M_17)
