# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support import captured
from support.stick_body import stick_body

from pose_machine_ros.synthesis.rendered.person import Person
from pose_machine_ros.synthesis.rendered.viewpoint import sample_viewpoint, Viewpoint


@pytest.fixture(scope='module')
def posed():
    joints = np.repeat(captured.standing().astype(float)[None], 4, 0)
    return Person(*stick_body(), np.random.default_rng(0)).pose(joints)


@pytest.fixture(scope='module')
def viewpoints(posed):
    return [sample_viewpoint(posed, np.random.default_rng(seed)) for seed in range(60)]


def test_a_point_on_the_optical_axis_is_in_the_middle():
    # Looks along the world's x: right is -y, down is -z.
    rotation = np.array(((0.0, -1, 0), (0, 0, -1), (1, 0, 0)))
    intrinsics = np.array(((500.0, 0, 319.5), (0, 500, 239.5), (0, 0, 1)))
    view = Viewpoint(intrinsics, (640, 480), rotation, np.array((0.0, 0, 1)))
    np.testing.assert_allclose(view.project(np.array((3.0, 0, 1))), (319.5, 239.5))
    np.testing.assert_allclose(view.project(np.array((5.0, -1, 1))), (419.5, 239.5))
    assert view.inside(np.array((3.0, 0, 1)))
    assert not view.inside(np.array((-3.0, 0, 1))), 'behind the camera'
    assert not view.inside(np.array((3.0, 3, 1)))


def test_rotations_have_the_worlds_up_upwards(viewpoints):
    for view in viewpoints:
        np.testing.assert_allclose(view.rotation @ view.rotation.T, np.eye(3), atol=1e-5)
        assert view.rotation[1, 2] < 0, 'y is down'


def test_the_person_is_in_view_from_all_around(posed, viewpoints):
    share = [view.inside(posed.keypoints).mean() for view in viewpoints]
    assert min(share) > 0.6 and np.mean(share) > 0.9
    azimuth = np.array([np.arctan2(*view.position[1::-1]) for view in viewpoints])
    quarters = np.unique(np.floor(azimuth / (np.pi / 2)))
    assert len(quarters) == 4
    distance = [np.linalg.norm(view.position - posed.joints[0, 0]) for view in viewpoints]
    assert min(distance) > 1 and max(distance) < 8.1


def test_who_is_never_in_view_is_given_up(posed):
    apart = np.array((100.0, 0, 0)) * np.arange(4)[:, None, None]
    scattered = type(posed)(posed.surface + apart, posed.normals, posed.joints + apart,
                            posed.keypoints + apart)
    assert sample_viewpoint(scattered, np.random.default_rng(0)) is None
