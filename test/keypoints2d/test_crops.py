# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np
import pytest
import torch

from pose_machine_ros.keypoints2d import crops


def picture(height=200, width=300):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (height // 10, width // 10, 3), np.uint8)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)


def test_keypoints_come_back_to_where_they_were():
    image = np.zeros((200, 300, 3), np.uint8)
    image[72:92, 112:132] = 255
    regions = np.array([[139.5, 99.5, 160, 0], [90, 80, 240, 0.7], [110, 90, 150, -2.0]])
    for cut, region in zip(crops.crop(image, regions, 64).numpy(), regions):
        bright = cut[..., 0].astype(float) / cut[..., 0].sum()
        v, u = (bright.sum(1) @ np.arange(64)), (bright.sum(0) @ np.arange(64))
        found = crops.to_image(np.array([[[u, v, 1.0]]]), region[None], 64)[0, 0]
        np.testing.assert_allclose(found, (121.5, 81.5, 1), atol=0.2)


def test_outside_the_image_is_black():
    cut = crops.crop(picture(), np.array([[-0.5, -0.5, 200, 0]]), 64)[0]
    assert (cut[:31] == 0).all() and (cut[:, :31] == 0).all()
    assert (cut[34:, 34:] > 0).any()


def test_a_region_outside_the_image_is_all_black():
    assert (crops.crop(picture(), np.array([[900.0, 900, 50, 0.3]]), 64) == 0).all()


@pytest.mark.parametrize('region', [
    [42.0, 37, 64, 0], [84, 94, 128, 0.5], [108, 118, 256, -1], [250, 150, 200, 3],
    [90, 80, 40, 0.2]])
def test_torch_cuts_as_opencv_does(region):
    image = picture()
    regions = np.array([region])
    ours = crops.crop(torch.from_numpy(image), regions, 64).numpy().astype(int)
    theirs = crops.crop(image, regions, 64).numpy().astype(int)
    assert np.abs(ours - theirs).mean() < 4.0


def test_a_turned_crop_is_the_crop_of_the_turned_image():
    image = picture(200, 200)
    turned = np.ascontiguousarray(np.rot90(image))  # against the clock
    upright = crops.crop(turned, np.array([[120.0, 90, 100, 0]]), 64).numpy().astype(int)
    # What lies at u, v there lies at 199 - v, u here; its up is the image's right.
    same = crops.crop(image, np.array([[109.0, 120, 100, np.pi / 2]]), 64).numpy().astype(int)
    assert np.abs(upright - same).mean() < 2.0


@pytest.mark.parametrize('make', [lambda x: x, torch.from_numpy], ids=['opencv', 'torch'])
def test_fitting_keeps_the_aspect_and_pads(make):
    small, scale = crops.letterbox(make(picture(200, 300)), 128, 32)
    assert tuple(small.shape) == (1, 96, 128, 3)
    assert scale == pytest.approx(128 / 300)
    assert (small[0, 86:] == 0).all() and (small[0, :80] > 0).any()


def test_small_frames_are_not_enlarged():
    small, scale = crops.letterbox(picture(100, 60), 512, 32)
    assert scale == 1 and tuple(small.shape) == (1, 128, 64, 3)


@pytest.mark.parametrize('size, step', [(64, 1.0), (64, 1.7), (64, 2.0), (32, 3.1), (24, 5.2)])
def test_a_shrunk_crop_is_close_to_the_mean_of_areas(size, step):
    image = picture(240, 240)
    region = np.array([118.0, 121, size * step, 0.4])
    fine = 8 * size
    many = crops.crop(torch.from_numpy(image), region[None], fine)[0].numpy()  # no averages
    exact = cv2.resize(many, (size, size), interpolation=cv2.INTER_AREA).astype(int)
    there = crops.crop(image, region[None], size)[0].numpy().astype(int)
    assert exact.std() > 10
    assert np.abs(there - exact).mean() < 10


@pytest.mark.parametrize('rotation', [0, 90, 180, 270])
@pytest.mark.parametrize('shape', [(200, 300), (192, 320), (420, 640)])
def test_fitted_frames_are_contiguous_and_turned(shape, rotation):
    image = picture(*shape)
    small, scale = crops.letterbox(image, 160, 32, rotation)
    assert small.is_contiguous() and all(side % 32 == 0 for side in small.shape[1:3])
    turned, same_scale = crops.letterbox(
        np.ascontiguousarray(np.rot90(image, -rotation // 90)), 160, 32)
    assert same_scale == scale and small.shape == turned.shape
    assert np.abs(small.numpy().astype(int) - turned.numpy()).mean() < 2.0


def test_a_frame_that_fits_is_not_copied():
    image = picture(96, 128)
    small, scale = crops.letterbox(image, 128, 32)
    assert scale == 1 and np.shares_memory(small.numpy(), image)


def test_crops_do_not_change_the_frame():
    image = picture()
    before = image.copy()
    crops.crop(image, np.array([[150.0, 100, 400, 0.2], [150.0, 100, 50, 0]]), 64)
    crops.letterbox(image, 128, 32)
    np.testing.assert_array_equal(image, before)


def test_fitting_averages_halves_only(monkeypatch):
    """Other factors of INTER_AREA take several times as long."""
    shapes = []
    resize = cv2.resize

    def recorded(image, size, interpolation):
        if interpolation == cv2.INTER_AREA:
            shapes.append((image.shape[1::-1], size))
        return resize(image, size, interpolation=interpolation)

    monkeypatch.setattr(cv2, 'resize', recorded)
    crops.letterbox(picture(720, 1280), 512, 32)
    assert shapes == [((1280, 720), (640, 360))]
