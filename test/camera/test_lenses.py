# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Lenses against OpenCV, and there and back, to the border of what each of them sees."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.distortion_models import camera_info_distortion, make_lens
from pose_machine_ros.errors import InputError

# f, width, height, coefficients, share of the image that the lens model does not cover
BROWN_CONRADY = {
    'pinhole': (500, 640, 480, [], 0),
    'webcam': (500, 640, 480, [-0.35, 0.12, 0, 0, 0], 0),
    'webcam, 4 coefficients': (620, 640, 480, [0.05, -0.2, 2e-3, -1e-3], 0),
    'pincushion': (900, 1280, 720, [0.2, 0.1, 0, 0, 0], 0),
    'tangential': (700, 1280, 720, [-0.1, 0.02, 8e-3, -6e-3, 0], 0),
    'strong tangential': (700, 1280, 720, [-0.1, 0.02, 0.03, 0.02, 0], 0),
    'k3': (600, 1280, 720, [-0.28, 0.09, 1e-4, 2e-4, -0.012], 0.026),
    'action camera, 105 degrees': (350, 800, 600, [-0.28, 0.07, 0, 0, -0.007], 0.17),
    'few boards': (600, 1280, 720, [-0.1, 0.6, 0, 0, -2.5], 0.62),
    'time-of-flight camera': (605, 1280, 720, [.78, -2.98, 7e-4, 6e-5, 1.7, .657, -2.81, 1.63], 0),
    'rational, 120 degrees': (370, 1280, 720, [4.65, 1.35, 0, 0, .05, 5.0, 2.9, .33], 0),
    'rational, 130 degrees': (330, 1280, 800, [4.65, 1.35, 1e-4, 0, .05, 5.0, 2.9, .33], 0),
    'rational, square': (197, 250, 250, [-4.09, 9.19, 1e-3, -1e-3, -8.92, -4.19, 9.56, -9.3], 0),
    'rational, mild': (640, 1280, 720, [0.5, 0.1, 1e-3, -2e-3, 0.01, 0.8, 0.2, 0.01], 0),
    'thin prism': (500, 640, 480, [-.2, .05, 1e-3, 0, 0, 0, 0, 0, 2e-3, -1e-3, 1e-3, 2e-3], 0),
    'thin prism, rational': (500, 640, 480, [.5, .1, 1e-3, -2e-3, .01, .8, .2, .01, 1e-3, 0, 0, 0],
                             0),
    'tilted sensor': (500, 640, 480, [-.2, .05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .03, -.02], 0),
    'all of it': (500, 640, 480, [.1, -.05, 1e-3, 2e-3, .01, .2, .1, .02, 1e-3, 2e-3, -1e-3, 1e-3,
                                  .02, -.03], 0.002),
}
FISHEYE = {
    'ideal': (300, 640, 480, [0, 0, 0, 0], 0),
    '150 degrees': (245, 640, 480, [-0.02, 5e-3, -2e-3, 2e-4], 0),
    '170 degrees': (285, 848, 800, [-0.0072, 0.043, -0.04, 0.0073], 0),
    '190 degrees': (200, 640, 480, [0.11, -0.05, 0.02, -0.005], 0.05),
    '220 degrees': (180, 640, 480, [-0.01, 3e-3, -1e-3, 0], 0.03),
}


def grid(width: int, height: int) -> torch.Tensor:
    """Return (N, 2) pixels from corner to corner."""
    u, v = np.meshgrid(np.linspace(0, width - 1, 41), np.linspace(0, height - 1, 25))
    return torch.from_numpy(np.stack((u, v), -1).reshape(-1, 2))


def camera(f: float, width: int, height: int, coefficients: list[float], model: str) -> Camera:
    matrix = np.array([[f, 0, width / 2], [0, 0.99 * f, height / 2], [0, 0, 1]])
    return Camera(matrix, width, height, np.array(coefficients), model)


def opencv_pixels(lens: Camera, points: np.ndarray) -> np.ndarray:
    """Return where OpenCV projects points (N, 3)."""
    nothing = np.zeros(3)
    if lens.distortion_model == 'equidistant':
        return cv2.fisheye.projectPoints(
            points[:, None], nothing, nothing, lens.matrix, lens.distortion)[0][:, 0]
    return cv2.projectPoints(points, nothing, nothing, lens.matrix, lens.distortion)[0][:, 0]


LENSES = [pytest.param(*row, model, id=name) for model, rows in (
    ('rational_polynomial', {n: r for n, r in BROWN_CONRADY.items() if len(r[3]) >= 8}),
    ('plumb_bob', {n: r for n, r in BROWN_CONRADY.items() if len(r[3]) < 8}),
    ('equidistant', FISHEYE)) for name, row in rows.items()]
assert len(LENSES) >= 20


@pytest.mark.parametrize('f, width, height, coefficients, folded, model', LENSES)
def test_opencv_projects_our_rays_to_their_pixels(
        f, width, height, coefficients, folded, model):
    lens = camera(f, width, height, coefficients, model)
    pixels = grid(width, height)
    rays = lens.rays(pixels)
    known = rays.isfinite().all(-1)
    assert float(1 - known.double().mean()) == pytest.approx(folded, abs=0.02)
    away = (lens.project(rays)[known] - pixels[known]).norm(dim=-1)
    assert float(away.max()) < 1e-3
    forward = known & (rays[:, 2] > 0.02)  # OpenCV knows nothing behind the image plane
    theirs = opencv_pixels(lens, (rays / rays[:, 2:])[forward].numpy())
    assert np.linalg.norm(theirs - pixels[forward].numpy(), axis=-1).max() < 0.01


@pytest.mark.parametrize('f, width, height, coefficients, folded, model', LENSES)
def test_every_ray_that_the_lens_draws_comes_back(
        f, width, height, coefficients, folded, model):
    lens = camera(f, width, height, coefficients, model)
    # Tangential terms move the fold a little.
    angle = torch.linspace(0, 0.93 * lens.lens.max_angle, 60, dtype=torch.float64)[:, None]
    round_it = torch.linspace(0, 2 * math.pi, 16, dtype=torch.float64)
    rays = torch.stack((angle.sin() * round_it.cos(), angle.sin() * round_it.sin(),
                        angle.cos().expand(-1, 16)), -1)
    back = lens.rays(lens.project(rays))
    assert float((back - rays).norm(dim=-1).max()) < 1e-5


@pytest.mark.parametrize('f, width, height, coefficients, folded, model', LENSES)
def test_single_precision_is_enough(f, width, height, coefficients, folded, model):
    lens = camera(f, width, height, coefficients, model)
    pixels = grid(width, height)
    rays = lens.rays(pixels.float())
    assert rays.dtype == torch.float32
    away = (lens.project(rays.double()) - pixels).norm(dim=-1)
    assert float(away[away.isfinite()].max()) < 0.01


def test_random_lenses_are_inverted_wherever_they_grow():
    rng = np.random.default_rng(5)
    for _ in range(100):
        d = rng.normal(0, (.3, .2, 4e-3, 4e-3, .1, .2, .1, .05), 8)
        lens = camera(500, 640, 480, d.tolist(), 'rational_polynomial')
        pixels = grid(640, 480)
        rays = lens.rays(pixels)
        radius = ((pixels - torch.tensor([320.0, 240])) / torch.tensor([500, 495.0])).norm(dim=-1)
        reach = lens.lens.distort(torch.tensor(
            [[math.tan(0.95 * lens.lens.max_angle), 0, 1]], dtype=torch.float64)).norm()
        inside = radius < 0.95 * reach
        assert rays[inside].isfinite().all(), d
        assert float((lens.project(rays) - pixels)[inside].abs().max()) < 1e-3, d


def test_what_a_lens_cannot_see_has_no_pixel():
    behind = torch.tensor([[0.1, 0.0, -1.0]], dtype=torch.float64)
    flat = camera(*BROWN_CONRADY['webcam'][:4], 'plumb_bob')
    assert flat.project(behind).isnan().all()
    wide = camera(*FISHEYE['190 degrees'][:4], 'equidistant')
    assert wide.project(behind).isnan().all()
    assert wide.project(torch.tensor([[1.0, 0.0, -0.05]], dtype=torch.float64)).isfinite().all()
    # Beyond the fold a point would be drawn over another one
    folds = camera(*BROWN_CONRADY['action camera, 105 degrees'][:4], 'plumb_bob')
    assert folds.project(torch.tensor([[3.0, 0.0, 1.0]], dtype=torch.float64)).isnan().all()


def test_the_projection_of_a_fisheye_has_the_gradient_of_its_differences():
    lens = camera(*FISHEYE['190 degrees'][:4], 'equidistant')
    points = torch.tensor([[0.3, -0.2, 1.0], [2.0, 0.5, 0.1], [1.0, 0.2, -0.05]],
                          dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lens.project, points)


def test_the_axis_is_the_principal_point():
    for row, model in ((BROWN_CONRADY['all of it'], 'rational_polynomial'),
                       (FISHEYE['220 degrees'], 'equidistant')):
        lens = camera(*row[:4], model)
        axis = torch.tensor([[0.0, 0.0, 1.0]], dtype=torch.float64)
        middle = torch.from_numpy(lens.matrix[:2, 2])[None]
        torch.testing.assert_close(lens.project(axis), middle)
        torch.testing.assert_close(lens.rays(middle), axis)


R8 = [0.5, 0.1, 0.001, -0.002, 0.01, 0.8, 0.2, 0.01]


@pytest.mark.parametrize('model, d, name, read', [
    ('plumb_bob', [-.2, .05, 0, 0], 'plumb_bob', [-.2, .05, 0, 0, 0]),
    ('plumb_bob', [-.03, .03, 0, 0, -.01, 0, 0, 0], 'plumb_bob', [-.03, .03, 0, 0, -.01]),
    ('plumb_bob', R8, 'rational_polynomial', R8),
    ('plumb_bob', R8[:5] + [0] * 7, 'plumb_bob', R8[:5]),
    ('rational_polynomial', R8 + [0] * 6, 'rational_polynomial', R8),
    ('rational_polynomial', R8 + [1e-3, 0, 0, 0], 'rational_polynomial', R8 + [1e-3, 0, 0, 0]),
    ('rational_polynomial', R8 + [0] * 4 + [.01, .02], 'rational_polynomial',
     R8 + [0] * 4 + [.01, .02]),
    ('rational_polynomial', [0.0] * 8, 'plumb_bob', [0.0] * 5),
    ('radtan', R8[:4], 'plumb_bob', R8[:4] + [0]), ('Brown-Conrady', R8[:5], 'plumb_bob', R8[:5]),
    ('Plumb Bob', R8[:5], 'plumb_bob', R8[:5]), ('', R8[:5], 'plumb_bob', R8[:5]),
    ('', [], 'plumb_bob', [0] * 5), ('', [0.0] * 5, 'plumb_bob', [0] * 5),
    ('pinhole', [], 'plumb_bob', [0] * 5), ('double_sphere', [0.0, 0.0], 'plumb_bob', [0] * 5),
    ('equidistant', [.1, -.05, .02, 0], 'equidistant', [.1, -.05, .02, 0]),
    ('fisheye', [.1, -.05, .02, -.01] + [0] * 10, 'equidistant', [.1, -.05, .02, -.01]),
    ('kannala_brandt', [.1, 0, 0, 0], 'equidistant', [.1, 0, 0, 0]),
    ('Kannala-Brandt', [.1, 0, 0, 0], 'equidistant', [.1, 0, 0, 0]),
    ('equidistant', [0.0] * 4, 'equidistant', [0.0] * 4),
    ('equidistant', [], 'equidistant', [0.0] * 4)])
def test_models_by_the_names_that_are_in_use(model, d, name, read):
    assert camera_info_distortion(make_lens(model, np.array(d))) == (name, pytest.approx(read))


@pytest.mark.parametrize('model, d', [
    ('double_sphere', [.1, .2]), ('omni', [.1] * 5), ('fov', [.9]),
    ('inverse_brown_conrady', R8[:5]), ('plumb_bob', [.1, .2]), ('plumb_bob', [.1] * 3),
    ('plumb_bob', [.1] * 7), ('radtan', [.1] * 13), ('rational_polynomial', [.1] * 5),
    ('rational_polynomial', [.1] * 4), ('equidistant', [.1] * 5), ('equidistant', [.1, .2]),
    ('plumb_bob', [.1] * 20)])
def test_what_is_not_supported_is_named_with_the_fix(model, d):
    with pytest.raises(InputError, match=rf"'{model}' with {len(d)} coefficients.*plumb_bob "
                       r'\(4, 5, 8, 12 or 14\), rational_polynomial \(8, 12 or 14\) and '
                       r'equidistant \(4\).*image_proc'):
        make_lens(model, np.array(d))
