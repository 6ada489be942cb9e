# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a driver says, and the camera that it makes: sizes, regions, binning, rectified images."""

from __future__ import annotations

from dataclasses import replace
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from support.calibrations import calibration_of
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.calibration import Calibration

CAMERA = Camera(np.array([[600.0, 0, 322], [0, 590, 235], [0, 0, 1]]), 640, 480,
                np.array([-0.2, 0.05, 1e-3, -2e-3, 0.01]))
SAID = calibration_of(CAMERA)
FISHEYE = Camera(np.array([[200.0, 0, 321], [0, 201, 238], [0, 0, 1]]), 640, 480,
                 np.array([0.11, -0.05, 0.02, -0.005]), 'equidistant')


def k(fx: float = 600, fy: float = 590, cx: float = 322, cy: float = 235,
      skew: float = 0) -> tuple[float, ...]:
    return (fx, skew, cx, 0.0, fy, cy, 0.0, 0.0, 1.0)


@pytest.mark.parametrize('distortion, model', [
    ([], 'plumb_bob'), ([-0.2, 0.05, 1e-3, -2e-3, 0.01], 'plumb_bob'),
    ([0.3, 0.1, 1e-3, 1e-3, 0.01, 0.2, 0.05, 0.02], 'rational_polynomial'),
    ([0.3, 0.1, 1e-3, 1e-3, 0.01, 0.2, 0.05, 0.02, 1e-3, 0, 0, 0, 0.01, 0], 'rational_polynomial'),
    ([0.11, -0.05, 0.02, -0.005], 'equidistant')])
def test_round_trip(distortion: list[float], model: str) -> None:
    camera = Camera(CAMERA.matrix, 640, 480, np.array(distortion), model)
    back = calibration_of(camera).camera()
    assert back.calibrated and not back.remark
    np.testing.assert_array_equal(back.matrix, camera.matrix)
    np.testing.assert_array_equal(back.distortion, camera.distortion)


@pytest.mark.parametrize('changes, reason', [
    ({'matrix': (0.0,) * 9}, 'K is zero'), ({'matrix': (0.0,) * 8 + (1.0,)}, 'K is zero'),
    ({'matrix': (math.nan,) * 9}, 'K = .* is not finite'),
    ({'matrix': k(fy=0)}, 'focal lengths 600 and 0'),
    ({'matrix': k(fx=-600)}, 'focal lengths -600 and 590'),
    ({'distortion': (math.nan,) * 5}, 'D = .* is not finite'),
    ({'distortion': (0.1, 0.0, math.inf, 0.0, 0.0)}, 'D = .* is not finite'),
    ({'matrix': k(1, 1, 320, 240)}, r'focal length of 1 px makes a field of view of 179\.\d '),
    ({'matrix': k(1, 1, 0, 0)}, r'principal point \(0, 0\) px is not inside the image of 640x480'),
    ({'matrix': k(0.9, 0.9, 0.5, 0.5)}, 'field of view'), ({'matrix': k(10, 10, 320, 240)}, '176'),
    ({'matrix': k(cx=-1)}, 'principal point'), ({'matrix': k(cy=480)}, 'principal point'),
    ({'matrix': k(13490, 13490, 11448, 6276)}, 'principal point'),
    ({'matrix': k(cx=1e300)}, 'principal point'), ({'matrix': k(fx=1e9, fy=1e9)}, 'field of view'),
    ({'matrix': k(fx=6000)}, 'of different cameras'),
    ({'distortion': (-0.1, 0.6, 0.0, 0.0, -8.0)}, 'folds .*% of the image'),
    ({'distortion': (1342.1, -882.0, 0.3, 1.2, 513.0)}, 'leaves .* degrees of the field of view'),
    ({'distortion': (1e300, 1e300, 1.0, 1.0, 1e300)}, 'folds'),
    ({'matrix': k(1, 1, 320, 240), 'distortion_model': 'equidistant', 'distortion': (0.0,) * 4},
     'the lens covers 0% of the image'),
    ({'distortion_model': 'equidistant', 'distortion': (1342.1, -882.0, 0.3, 1.2)}, 'distortion'),
    ({'distortion_model': 'equidistant', 'distortion': (50.0,) * 4}, 'leaves .* of the field'),
    ({'distortion_model': 'equidistant', 'distortion': (-3.0, 0.0, 0.0, 0.0)}, 'folds .*% of the'),
    ({'distortion_model': 'equidistant', 'distortion': (0.0,) * 4, 'matrix': k(1e7, 1e7, 320, 240)},
     'field of view')])
def test_an_impossible_calibration_counts_as_none(changes: dict, reason: str) -> None:
    camera = replace(SAID, **changes).camera(fov=math.pi / 2)
    assert not camera.calibrated
    assert camera.matrix[0, 0] == pytest.approx(320)  # 45 degrees to each side
    assert re.search(rf'not calibrated \(.*{reason}.*90 degrees.*parameter fov', camera.remark), \
        camera.remark


@pytest.mark.parametrize('changes, doubt', [
    ({'matrix': k(cx=100)}, 'far from the middle of 640x480: check'),
    ({'matrix': k(skew=4.26)}, 'a skew of 4.26 px, which is ignored'),
    ({'matrix': k(350, 350, 400, 300), 'distortion': (-0.28, 0.07, 0.0, 0.0, -0.007), 'width': 800,
      'height': 600}, r'folds the border of the image \(1\d% of it\)')])
def test_a_doubtful_calibration_is_used_with_a_warning(changes: dict, doubt: str) -> None:
    camera = replace(SAID, **changes).camera()
    assert camera.calibrated
    assert re.search(doubt, camera.remark), camera.remark


def test_usual_calibrations_give_no_cause_for_remarks() -> None:
    for camera in (CAMERA, FISHEYE):
        said = calibration_of(camera)
        assert said.camera().remark == said.camera(320, 240).remark == ''


def test_binning_that_is_applied_twice_is_reported() -> None:
    said = Calibration(2064, 1544, k(299.5, 299.5, 254.1, 183.9), binning=(4, 4))
    camera = said.camera(516, 386)
    assert camera.calibrated and 'binning 4x4 is applied to it again' in camera.remark
    right = replace(said, matrix=k(1198, 1198, 1018, 737)).camera(516, 386)
    assert right.remark == '' and right.matrix[0, 0] == pytest.approx(299.5)


@pytest.mark.parametrize('binning, size, matrix', [
    ((2, 2), (1920, 1200), k(500, 500, 480, 300)), ((2, 1), (1280, 480), k(600, 600, 320, 240)),
    ((3, 3), (1920, 1080), k(400, 400, 322, 178)), ((2, 2), (1080, 1920), k(900, 900, 275, 470))])
def test_any_binning_that_is_applied_twice_is_reported(binning, size, matrix) -> None:
    said = Calibration(*size, matrix, (0.0,) * 5, 'plumb_bob', binning=binning)
    assert 'is applied to it again' in said.camera().remark


@pytest.mark.parametrize('binning', [(1, 1), (2, 2), (4, 4)])
def test_a_principal_point_a_little_off_the_middle_is_none_of_our_business(binning) -> None:
    said = Calibration(1280, 960, k(900, 900, 590, 520), binning=binning)
    assert said.camera().remark == ''


@pytest.mark.parametrize('changes, complaint', [
    ({'roi': (1000, 0, 100, 100)}, r'region of interest, 100x100 px at \(1000, 0\)'),
    ({'roi': (600, 0, 100, 100)}, 'not inside the full image of 640x480'),
    ({'binning': (99999, 1)}, 'binning of 99999x1 px leaves nothing')])
def test_regions_and_binnings_that_cannot_be_are_refused(changes: dict, complaint: str) -> None:
    for read in (replace(SAID, **changes).camera, replace(SAID, **changes).resized):
        with pytest.raises(InputError, match=complaint):
            read(320, 240)


def test_a_region_in_binned_pixels_is_reported() -> None:
    said = Calibration(1280, 960, k(1000, 1000, 640, 480), binning=(2, 2), roi=(0, 0, 640, 480))
    assert 'make images of 320x240 px, and they are 640x480' in said.camera(640, 480).remark


def test_a_lens_that_focuses_gives_the_same_kind_of_remark() -> None:
    kinds = {replace(SAID, matrix=k(cx=100 + 0.1 * i)).camera().remark_kind for i in range(3)}
    kinds |= {replace(SAID, matrix=k(cx=100.5)).camera().remark_kind}
    assert len(kinds) == 1


def test_a_resized_image_sees_the_same_rays() -> None:
    for camera in (CAMERA, FISHEYE):
        half = calibration_of(camera).camera(320, 240)
        pixels = torch.tensor([[0.0, 0.0], [100.0, 50.0], [319.0, 239.0]], dtype=torch.float64)
        # The centre of a small pixel is the corner between four large ones
        torch.testing.assert_close(half.rays(pixels), camera.rays(2 * pixels + 0.5), equal_nan=True)


def test_resizing_there_and_back() -> None:
    said = replace(SAID, projection=(500.0, 0, 310, -60, 0, 510, 250, 0, 0, 0, 1, 0))
    back = said.resized(1280, 960).resized(640, 480)
    np.testing.assert_allclose(back.matrix, said.matrix)
    np.testing.assert_allclose(back.projection, said.projection)
    assert Calibration(640, 480).resized(320, 240).matrix == (0.0,) * 9  # not calibrated stays so


@pytest.mark.parametrize('camera', [CAMERA, FISHEYE])
@pytest.mark.parametrize('binning', [1, 2])
def test_a_region_of_the_image_sees_the_same_rays(camera: Camera, binning: int) -> None:
    said = replace(calibration_of(camera), binning=(binning, binning),
                   roi=(200, 60, 400, 300))
    assert said.image_size == (400 // binning, 300 // binning)
    pixels = torch.tensor([[0.0, 0.0], [100.0, 50.0]], dtype=torch.float64)
    in_full = binning * pixels + (binning - 1) / 2 + torch.tensor([200.0, 60.0])
    for part in (said.camera(), said.camera(400 // binning, 300 // binning),
                 said.resized(400 // binning, 300 // binning).camera()):
        torch.testing.assert_close(part.rays(pixels), camera.rays(in_full))
    small = said.resized(200 // binning, 150 // binning).camera()
    torch.testing.assert_close(small.rays((pixels - 0.5) / 2), camera.rays(in_full))
    whole = said.camera(640, 480)  # some drivers fill it in and don't cut
    np.testing.assert_array_equal(whole.matrix, camera.matrix)


def test_binning_may_differ_between_rows_and_columns() -> None:
    wide = replace(SAID, binning=(2, 1)).camera(320, 480)
    pixels = torch.tensor([[0.0, 0.0], [100.0, 50.0]], dtype=torch.float64)
    torch.testing.assert_close(
        wide.rays(pixels), CAMERA.rays(pixels * torch.tensor([2.0, 1]) + torch.tensor([0.5, 0])))


def test_another_aspect_ratio_is_refused() -> None:
    for read in (SAID.camera, SAID.resized):
        with pytest.raises(InputError, match='640x480.*640x360.*calibrate'):
            read(640, 360)


@pytest.mark.parametrize('model, d', [
    ('plumb_bob', tuple(CAMERA.distortion[:5])), ('equidistant', (0.1, 0.2, 0.3, 0.4)),
    ('plumb_bob', (math.nan,) * 5), ('double_sphere', (0.1, 0.2))])
def test_rectified_images_have_the_intrinsics_of_p(model: str, d: tuple[float, ...]) -> None:
    # Of the right camera of a stereo pair: the last column does not affect the optical frame
    said = replace(SAID, distortion_model=model, distortion=d,
                   projection=(500.0, 0, 310, -60, 0, 510, 250, 0, 0, 0, 1, 0))
    camera = said.camera(rectified=True)
    assert camera.calibrated and not camera.distortion.any()
    np.testing.assert_array_equal(camera.matrix, [[500, 0, 310], [0, 510, 250], [0, 0, 1]])
    part = replace(said, roi=(200, 60, 400, 300)).camera(rectified=True)
    np.testing.assert_array_equal(part.matrix, [[500, 0, 110], [0, 510, 190], [0, 0, 1]])


@pytest.mark.parametrize('p', [(0.0,) * 12, (math.nan,) * 12])
def test_rectified_images_need_p(p: tuple[float, ...]) -> None:
    said = replace(SAID, projection=p)
    with pytest.raises(InputError, match='P = .*projection_matrix.*image.rectified to false'):
        said.camera(rectified=True)
    assert said.camera().calibrated
    assert not replace(said, matrix=(0.0,) * 9).camera(rectified=True).calibrated


def test_a_size_that_is_not_filled_in_is_the_image_s() -> None:
    assert replace(SAID, width=0, height=0).camera(640, 480).matrix[0, 2] == 322
    assert replace(SAID, width=0, height=0).camera(320, 240).calibrated is False  # centre at 322


def test_messages_of_any_library_will_do() -> None:
    info = SimpleNamespace(
        width=640, height=480, k=np.array(k()), d=[0.1, 0, 0, 0, 0], distortion_model='plumb_bob',
        p=[0] * 12, binning_x=0, binning_y=0,
        roi=SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0))
    assert Calibration.from_camera_info(info) == Calibration(
        640, 480, k(), (0.1, 0.0, 0.0, 0.0, 0.0), 'plumb_bob')


def test_what_is_said_again_is_not_worked_out_again() -> None:
    nan = replace(SAID, distortion=(float('nan'),) * 5)
    for said in (SAID, replace(SAID), nan):
        assert said.camera(320, 240) is replace(said).camera(320, 240)
