# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support.marked_person import put_on

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.mocap.plug_in_gait import joints_from_markers, MARKERS
from pose_machine_ros.skeleton import MOCAP_25


def find(markers):
    return dict(zip(MOCAP_25.names, joints_from_markers(markers[None])[0]))


@pytest.mark.parametrize('knee', (0, 30, 110))
@pytest.mark.parametrize('elbow', (0, 30, 80))
def test_joints_are_recovered_from_their_markers(knee, elbow):
    joints, markers = put_on(knee, elbow)
    found = find(markers)
    for name, point in joints.items():
        np.testing.assert_allclose(found[name], point, atol=2e-3, err_msg=name)


def test_left_and_forward_are_right():
    found = find(put_on(knee=60, elbow=60)[1])
    for name in MOCAP_25.names:
        if name.startswith('left'):
            assert found[name][1] > 0 > found[name.replace('left', 'right')][1]
    assert found['nose'][0] > found['left_ear'][0]
    assert found['left_toe'][0] > found['left_heel'][0]
    assert found['left_knee'][0] > found['right_knee'][0] > found['pelvis'][0]
    assert found['head_top'][2] > found['nose'][2] > found['thorax'][2]


def test_joints_rotate_and_move_with_the_markers():
    rng = np.random.default_rng(3)
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    rotation *= np.linalg.det(rotation)
    translation = rng.normal(size=3)
    markers = np.stack([put_on(knee, 40)[1] for knee in (5, 50)])
    np.testing.assert_allclose(joints_from_markers(markers @ rotation.T + translation),
                               joints_from_markers(markers) @ rotation.T + translation, atol=1e-9)


def test_a_marker_inside_a_straight_limb_stays_within_the_radius_of_the_joint():
    _, markers = put_on(knee=0)
    knee = MARKERS.index('LKNE')
    for aside in (0.05, 0.03, 1e-4):  # of the marker, towards the midline
        moved = markers.copy()
        moved[knee, 1] -= aside
        centre = find(moved)['left_knee']
        assert np.linalg.norm(centre - moved[knee]) <= 0.058


def test_impossible_pelvis_markers_are_refused():
    _, markers = put_on()
    markers[MARKERS.index('LASI'), 1] += 0.2
    with pytest.raises(InputError, match='0.46 m apart'):
        joints_from_markers(markers[None])
