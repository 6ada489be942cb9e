# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from pose_machine_ros.depth import points
from pose_machine_ros.skeleton import HUMAN36M_17, mirrored_name


def test_every_point_is_a_mean_of_joints_and_of_their_keypoints():
    for shares in (points.JOINT_SHARES, points.KEYPOINT_SHARES):
        np.testing.assert_allclose(shares.sum(1), 1, atol=1e-6)
        assert (shares >= 0).all()


def test_both_sides_are_alike():
    for index, name in enumerate(points.NAMES):
        other = points.NAMES.index(mirrored_name(name))
        np.testing.assert_allclose(points.JOINT_SHARES[index][list(HUMAN36M_17.mirror)],
                                   points.JOINT_SHARES[other])
        assert points.PART_OF[index] == points.PART_OF[other]


def test_joints_follow_each_other_from_the_trunk_on():
    wrist = points.NAMES.index('left_wrist')
    elbow = points.before(wrist)
    shoulder = points.before(elbow)
    assert [points.NAMES[i] for i in (elbow, shoulder)] == ['left_elbow', 'left_shoulder']
    assert points.before(shoulder) == -1
    assert [points.NAMES[i] for i in points.ends_of(points.NAMES.index('right_shin'))] \
        == ['right_knee', 'right_ankle']
