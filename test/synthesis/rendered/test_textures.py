# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.synthesis.rendered.textures import cloud, load_photos, Textures


@pytest.fixture
def folder(tmp_path):
    (tmp_path / 'more').mkdir()
    cv2.imwrite(str(tmp_path / 'a.png'), np.full((300, 250, 3), (200, 0, 0), np.uint8))
    cv2.imwrite(str(tmp_path / 'more' / 'b.JPG'), np.full((3000, 1500, 3), (0, 200, 0), np.uint8))
    cv2.imwrite(str(tmp_path / 'small.png'), np.zeros((100, 100, 3), np.uint8))
    (tmp_path / 'notes.txt').write_text('not a picture')
    return tmp_path


def test_photos_are_found_and_shrunk(folder):
    photos = load_photos(folder)
    assert [photo.shape for photo in photos] == [(300, 250, 3), (1200, 600, 3)]
    assert load_photos(None) == []


def test_a_folder_without_photos_is_an_error(tmp_path):
    with pytest.raises(InputError, match='200 x 200'):
        load_photos(tmp_path)


@pytest.mark.parametrize('photo_share', [0, 1])
@pytest.mark.parametrize('shape', [(60, 40), (333, 777), (900, 30)])
def test_pictures_have_the_size_asked_for(folder, photo_share, shape):
    textures = Textures(load_photos(folder), np.random.default_rng(0))
    for _ in range(10):
        out = textures.any(*shape, photo_share)
        assert out.shape == (shape[1], shape[0], 3) and out.dtype == np.float32
        assert out.min() >= 0 and out.max() <= 255


def test_without_photos_pictures_differ():
    textures = Textures([], np.random.default_rng(0))
    means = np.array([textures.any(64, 64, 1).mean((0, 1)) for _ in range(20)])
    assert (means.std(0) > 10).all()


def test_clouds_are_smooth_noise():
    clouds = np.stack([cloud(np.random.default_rng(i), 90, 60, 30) for i in range(50)])
    assert clouds.shape == (50, 60, 90)
    assert abs(clouds.mean()) < 0.2 and 0.5 < clouds.std() < 1.2
    assert np.abs(np.diff(clouds, axis=2)).max() < 0.3
