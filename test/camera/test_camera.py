# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import math

import cv2
import numpy as np
import pytest
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import InputError

MATRIX = np.array([[600, 0, 320], [0, 610, 240], [0, 0, 1.0]])
DISTORTIONS = {
    'none': [], 'plumb_bob_4': [-0.3, 0.1, 0.001, -0.002],
    'plumb_bob_5': [-0.25, 0.1, 0.001, -0.002, 0.01],
    'rational': [0.5, 0.1, 0.001, -0.002, 0.01, 0.8, 0.2, 0.01]}


def camera(distortion=()):
    return Camera(MATRIX, 640, 480, np.array(distortion))


def points(count=50):
    generator = torch.Generator().manual_seed(0)
    unit = torch.rand(count, 3, generator=generator, dtype=torch.float64)
    return unit * torch.tensor([2, 1.5, 2]) + torch.tensor([-1, -0.75, 2.0])


@pytest.mark.parametrize('distortion', DISTORTIONS.values(), ids=DISTORTIONS)
def test_projects_like_opencv(distortion):
    ours = camera(distortion).project(points())
    theirs, _ = cv2.projectPoints(points().numpy(), np.zeros(3), np.zeros(3), MATRIX,
                                  np.array(distortion) if distortion else None)
    np.testing.assert_allclose(ours.numpy(), theirs[:, 0], atol=1e-9)


@pytest.mark.parametrize('distortion', DISTORTIONS.values(), ids=DISTORTIONS)
def test_a_ray_undoes_the_projection(distortion):
    lens = camera(distortion)
    rays = lens.rays(lens.project(points()))
    back = rays * (points()[:, 2:] / rays[:, 2:])
    torch.testing.assert_close(back, points(), atol=1e-7, rtol=0)


@pytest.mark.parametrize('distortion', DISTORTIONS.values(), ids=DISTORTIONS)
def test_projection_has_the_gradient_of_its_differences(distortion):
    lens = camera(distortion)
    assert torch.autograd.gradcheck(lens.project, points(4).requires_grad_())


def test_points_behind_the_camera_have_no_pixel():
    assert camera().project(torch.tensor([0.0, 0.0, -1.0])).isnan().all()


def test_rays_have_length_one_and_point_at_the_pixel():
    lens = camera()
    rays = lens.rays(torch.tensor([[320.0, 240.0], [0.0, 0.0]]))
    torch.testing.assert_close(rays.norm(dim=-1), torch.ones(2))
    torch.testing.assert_close(rays[0], torch.tensor([0.0, 0.0, 1.0]))


def test_guessed_camera_spans_its_field_of_view():
    lens = Camera.from_fov(641, 481, math.pi / 2)
    assert not lens.calibrated
    edge = lens.normalize(torch.tensor([640.5, 240.0], dtype=torch.float64))
    assert float(edge[0]) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize('matrix', [np.zeros((3, 3)), np.full((3, 3), np.nan), np.eye(2)])
def test_unusable_matrix_is_refused(matrix):
    with pytest.raises(InputError, match='calibrate the camera'):
        Camera(matrix, 640, 480)


def test_unknown_distortion_is_refused():
    with pytest.raises(InputError, match='rational_polynomial'):
        Camera(MATRIX, 640, 480, np.ones(3))
