# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import cv2
import numpy as np
import pytest

from pose_machine_ros import cli
from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.skeleton import APPEARANCE_POINTS

IMAGE = cv2.imread(str(Path(__file__).parents[1] / 'data' / 'balancing.jpg'))
MATRIX = np.array([[500.0, 0, 180], [0, 500, 320], [0, 0, 1]])
REGION = np.array([199.5, 289.5, 320, 0.1])
COUNT, FRAMES = 2, 3


def write_shard(path):
    """Write a shard of the photograph, moved by as many px as the frame's number."""
    rng = np.random.default_rng(0)
    moved = np.arange(COUNT * FRAMES).reshape(COUNT, FRAMES)
    encoded = [cv2.imencode('.jpg', np.roll(IMAGE, shift, 1), (cv2.IMWRITE_JPEG_QUALITY, 100))[1]
               for shift in moved.ravel()]
    matrix, region = (np.tile(x, (COUNT, FRAMES) + x.ndim * (1,)) for x in (MATRIX, REGION))
    matrix[..., 0, 2] += moved
    region[..., 0] += moved
    arrays = {
        'jpeg': np.concatenate(encoded), 'matrix': matrix, 'region': region,
        'jpeg_lengths': np.array([len(e) for e in encoded]).reshape(COUNT, FRAMES),
        'joints': rng.normal(size=(COUNT, FRAMES, 17, 3)), 'stature': np.array([1.6, 1.8]),
        'keypoints3d': rng.normal(size=(COUNT, FRAMES, 17, 3)), 'up': np.ones((COUNT, 3)),
        'step': np.full((COUNT, FRAMES), 0.1), 'inside': np.ones((COUNT, FRAMES, 17), bool)}
    np.savez(path, **arrays)
    return arrays


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('samples')


@pytest.fixture(scope='module')
def shard(folder):
    return write_shard(folder / 'shard.npz')


@pytest.fixture(scope='module')
def samples(folder, shard):
    assert cli.main(['sample-people', str(folder / 'shard.npz'), '--out', str(folder / 'out')]) == 0
    return dict(np.load(folder / 'out' / 'shard.npz'))


def test_rays_are_those_of_the_keypoints_in_each_picture(samples):
    network = PoseNetwork2D()
    keypoints = network.refine(network.crop(IMAGE, REGION[None]), REGION[None]).keypoints[0]
    sure = keypoints[:, 2] > 0.4
    rays = (keypoints[sure, :2] - MATRIX[:2, 2]) / 500
    assert samples['rays'].shape == (COUNT, FRAMES, 17, 4) and sure.sum() > 8
    # The camera moves along with the picture, so that all rays are the same.
    np.testing.assert_allclose(
        samples['rays'][:, :, sure, :2], np.broadcast_to(rays, (COUNT, FRAMES, *rays.shape)),
        atol=4 / 500)
    assert (samples['rays'][..., 2] == 1).all()
    np.testing.assert_allclose(
        samples['rays'][:, :, sure, 3].mean((0, 1)), keypoints[sure, 2], atol=0.1)


def test_each_frame_has_its_own_features(samples):
    features = samples['features'].astype(float)
    assert features.shape == (COUNT, FRAMES, len(APPEARANCE_POINTS), 280)
    assert samples['features'].dtype == np.float16
    unit = features / np.linalg.norm(features, axis=-1, keepdims=True)
    assert np.median((unit * unit[:1, :1]).sum(-1)) > 0.98  # of nearly the same picture
    assert len({f.tobytes() for f in features.reshape(COUNT * FRAMES, -1)}) == COUNT * FRAMES


def test_the_truth_is_that_of_the_shard(samples, shard):
    np.testing.assert_allclose(samples['turn'], shard['region'][..., 3])
    for name in ('joints', 'keypoints3d', 'stature', 'step', 'up', 'inside'):
        np.testing.assert_array_equal(samples[name], shard[name])


def test_shards_that_are_done_are_left_out(samples, folder):
    (folder / '.shard.half.npz').write_bytes(b'being written')
    before = (folder / 'out' / 'shard.npz').stat().st_mtime_ns
    assert cli.main(['sample-people', str(folder), '--out', str(folder / 'out')]) == 0
    assert (folder / 'out' / 'shard.npz').stat().st_mtime_ns == before


def test_another_file_is_refused(tmp_path, capsys):
    np.savez(tmp_path / 'other.npz', joints=np.zeros(3))
    assert cli.main(['sample-people', str(tmp_path / 'other.npz'), '--out',
                     str(tmp_path / 'out')]) == 2
    error = capsys.readouterr().err
    assert 'lacks' in error and 'jpeg' in error and 'render-people' in error
