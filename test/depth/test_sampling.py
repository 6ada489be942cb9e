# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Depth at the points of people, with planes, edges, holes and things in front."""

import numpy as np
import pytest
from support.depth_scene import depth_image, joints, metres, person, truth
from support.walkers import CAMERA
import torch

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.depth import points
from pose_machine_ros.depth.config import DepthConfig
from pose_machine_ros.depth.sampling import no_distances, skin_distances

EXACT = DepthConfig(noise=1e-4)
BODY = joints()


def measure(image, *people, config=EXACT):
    keypoints = np.stack([p.keypoints for p in people])
    rays = CAMERA.rays(torch.from_numpy(keypoints[..., :2])).numpy()
    rays[keypoints[..., 2] <= 0.1] = np.nan
    return skin_distances(image, CAMERA, keypoints, rays, config)


def behind(found, body=BODY):
    """Return how far the points are behind the measured skin (27,), metres."""
    at = points.JOINT_SHARES @ truth(body)
    return np.linalg.norm(at, axis=-1) - found.metres[0]


def test_the_skin_is_before_every_point_of_a_person():
    thickness = behind(measure(depth_image(metres(BODY)), person(BODY)))
    assert np.isfinite(thickness).all()
    assert thickness.max() < 0.16
    nose = points.NAMES.index('nose')  # its tip is small, and most of the face is behind it
    assert thickness[nose] > -0.05 and np.delete(thickness, nose).min() > 0.01


def test_a_plane_is_measured_along_the_ray():
    plane = np.full((CAMERA.height, CAMERA.width), 2.5, np.float32)
    found = measure(depth_image(plane), person(BODY)).metres[0]
    at = points.JOINT_SHARES @ truth(BODY)
    np.testing.assert_allclose(found, 2.5 * np.linalg.norm(at, axis=-1) / at[:, 2], rtol=0.005)


def test_both_encodings_agree():
    depth = metres(BODY)
    as_float = measure(depth_image(depth), person(BODY))
    as_mm = measure(depth_image(np.rint(depth * 1e3).astype(np.uint16)), person(BODY))
    np.testing.assert_allclose(as_float.metres, as_mm.metres, atol=2e-3)


def test_a_larger_person_further_away_has_the_same_relative_depth():
    near = measure(depth_image(metres(BODY)), person(BODY)).metres
    large = joints(distance=3.75, size=1.25)
    far = measure(depth_image(metres(large) * np.float32(1)), person(large)).metres
    # The surface of the larger person is as thick as that of the other one.
    np.testing.assert_allclose(far / near, 1.25, atol=0.03)


def test_keypoints_at_the_edge_take_the_body_and_not_the_wall():
    depth, seen = metres(BODY), person(BODY)
    exact = measure(depth_image(depth), seen).metres[0]
    moved = seen.keypoints.copy()
    moved[:, 0] += 4  # px; a forearm is 17 px wide
    away = measure(depth_image(depth), type(seen)(seen.id, seen.state, moved, seen.box)).metres[0]
    known = np.isfinite(away)
    assert known.mean() > 0.9
    assert np.abs(away - exact)[known].max() < 0.1  # the wall is 1.5 m behind


def test_holes_do_not_count():
    depth = metres(BODY)
    exact = measure(depth_image(depth), person(BODY)).metres[0]
    rng = np.random.default_rng(0)
    depth[rng.random(depth.shape) < 0.5] = 0
    known = measure(depth_image(depth), person(BODY)).metres[0]
    assert np.isfinite(known).mean() > 0.95
    np.testing.assert_allclose(known, exact, atol=0.05)
    depth[:] = np.nan
    assert not np.isfinite(measure(depth_image(depth), person(BODY)).metres).any()


def test_a_pole_before_a_limb_is_not_the_limb():
    depth, seen = metres(BODY), person(BODY)
    wrist = points.NAMES.index('left_wrist')
    column = int((points.KEYPOINT_SHARES @ seen.keypoints)[wrist, 0])
    depth[:, column - 12:column + 13] = 1.5
    found = measure(depth_image(depth), seen).metres[0]
    assert np.isnan(found[wrist])
    assert np.isfinite(found[[points.NAMES.index('right_wrist'), 0]]).all()


def test_unseen_keypoints_have_no_depth_nor_what_depends_on_them():
    seen = person(BODY)
    keypoints = seen.keypoints.copy()
    keypoints[9] = np.nan, np.nan, 0  # left wrist
    found = measure(depth_image(metres(BODY)), type(seen)(
        seen.id, seen.state, keypoints, seen.box)).metres[0]
    missing = {points.NAMES[i] for i in np.flatnonzero(~np.isfinite(found))}
    assert missing == {'left_wrist', 'left_forearm'}


def test_people_do_not_affect_each_other():
    image = depth_image(metres(BODY))
    other = person(BODY + [0.4, 0, 0], 2)
    together = measure(image, person(BODY), other)
    np.testing.assert_array_equal(together.metres[:1], measure(image, person(BODY)).metres)


def test_the_standard_deviation_grows_with_the_square_of_the_distance():
    def noise(distance):
        body = joints(distance)
        image = depth_image(metres(body))
        sigma = measure(image, person(body), config=DepthConfig(0.01)).sigma[0]
        return np.sqrt(sigma ** 2 - points.SIGMA ** 2)

    np.testing.assert_allclose(np.nanmedian(noise(4.0) / noise(2.0)), 4, rtol=0.15)


def test_depth_beside_the_colour_camera_is_registered_where_it_is_needed():
    pose = RigidTransform(np.eye(3), np.array([-0.06, 0.0, 0.0]))
    registered = measure(depth_image(metres(BODY)), person(BODY)).metres[0]
    beside = measure(depth_image(metres(BODY, pose), pose), person(BODY)).metres[0]
    ignored = measure(depth_image(metres(BODY, pose)), person(BODY)).metres[0]
    known = np.isfinite(beside)
    assert known.mean() > 0.85
    assert np.median(np.abs(beside - registered)[known]) < 0.015
    assert np.isfinite(ignored).mean() < known.mean() or \
        np.nanmedian(np.abs(ignored - registered)) > np.median(np.abs(beside - registered)[known])


@pytest.mark.parametrize('people', [0, 2])
def test_without_an_image_nothing_is_known(people):
    found = no_distances(people)
    assert found.metres.shape == found.sigma.shape == (people, len(points.NAMES))
    assert not np.isfinite(found.metres).any()
