# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import torch

from pose_machine_ros.lifting.features import FEATURES, rays_of, turn_to, view_people
from pose_machine_ros.skeleton import COCO_17

DOUBLE = torch.float64


def people(count=6):
    generator = torch.Generator().manual_seed(1)
    plane = 0.2 * torch.randn(count, 17, 2, generator=generator, dtype=DOUBLE) + 0.1
    scores = 0.2 + 0.8 * torch.rand(count, 17, generator=generator, dtype=DOUBLE)
    return plane, scores, torch.full((count,), 1 / 30, dtype=DOUBLE)


def turned(plane, rotation):
    rays = rays_of(plane) @ rotation.mT
    return rays[..., :2] / rays[..., 2:]


def test_turning_is_a_rotation_that_brings_the_ray_forward():
    ray = torch.randn(20, 3, dtype=DOUBLE, generator=torch.Generator().manual_seed(0))
    rotation = turn_to(ray)
    identity = torch.eye(3, dtype=DOUBLE).expand(20, 3, 3)
    torch.testing.assert_close(rotation @ rotation.mT, identity)
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(20, dtype=DOUBLE))
    forward = (rotation @ ray[..., None])[..., 0]
    torch.testing.assert_close(forward[:, :2], torch.zeros(20, 2, dtype=DOUBLE))
    assert (forward[:, 2] > 0).all()


def test_keypoints_in_the_person_camera_are_the_turned_rays():
    plane, scores, steps = people()
    view = view_people(rays_of(plane), scores, steps)
    torch.testing.assert_close(view.plane, turned(plane, view.rotation))


def test_mirrored_people_have_mirrored_features():
    plane, scores, steps = people()
    mirror = list(COCO_17.mirror)
    flipped = plane[:, mirror] * torch.tensor([-1, 1.0], dtype=DOUBLE)
    ours = view_people(rays_of(flipped), scores[:, mirror], steps)
    theirs = view_people(rays_of(plane), scores, steps)
    torch.testing.assert_close(ours.plane, theirs.plane[:, mirror] * torch.tensor([-1, 1.0]))
    torch.testing.assert_close(ours.size, theirs.size)


def test_a_camera_turned_about_its_y_axis_changes_only_the_ray():
    plane, scores, steps = people()
    angle = torch.tensor(0.3, dtype=DOUBLE)
    yaw = turn_to(torch.stack((angle.sin(), torch.zeros((), dtype=DOUBLE), angle.cos())))
    ours = view_people(rays_of(turned(plane, yaw)), scores, steps)
    theirs = view_people(rays_of(plane), scores, steps)
    # The centre of a person is not exactly the same point after the rotation, so the agreement is
    # close and not exact.
    torch.testing.assert_close(ours.features[:, :34], theirs.features[:, :34], atol=0.15, rtol=0)
    assert (ours.features[:, 51] - theirs.features[:, 51]).abs().min() > 0.1


def test_unseen_keypoints_change_nothing():
    plane, scores, steps = people()
    scores[:, 9] = 0
    garbage = plane.clone()
    garbage[:, 9] = torch.nan
    ours, theirs = (view_people(rays_of(p), scores, steps) for p in (garbage, plane))
    torch.testing.assert_close(ours.features, theirs.features)
    assert ours.features.isfinite().all() and ours.features.shape[-1] == FEATURES


def test_no_keypoint_gives_finite_features():
    view = view_people(torch.full((1, 17, 3), torch.nan), torch.zeros(1, 17), torch.zeros(1))
    assert view.features.isfinite().all()
