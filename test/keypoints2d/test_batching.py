# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import time

import cv2
import numpy as np
import pytest
import torch

from pose_machine_ros.keypoints2d.batching import BatchingRunner
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import load_runners, PoseNetwork2D, Runners

IMAGE = cv2.imread(str(Path(__file__).parents[1] / 'data' / 'balancing.jpg'))
REGIONS = np.array([[199.5, 289.5, 320, 0], [210, 290, 300, 0.3], [320, 250, 180, -0.2]])
VIEWS = [np.ascontiguousarray(np.roll(IMAGE, 5 * i, axis=1)) for i in range(3)]
SECONDS = 60


class Doubling:
    """A runner that doubles, remembers the sizes of its batches, and fails for a 13."""

    def __init__(self):
        self.batches = []

    def __call__(self, images):
        self.batches.append(len(images))
        if (images == 13).any():
            raise ZeroDivisionError('thirteen')
        return images * 2, images + 1


def images(value, count=1, side=32):
    return torch.full((count, side, side, 3), value, dtype=torch.uint8)


def ask_together(runner, ask, items):
    """Ask for each item in a thread, while `runner` is kept busy; returns the futures."""
    with ThreadPoolExecutor(len(items)) as pool:
        with runner._turn:
            futures = [pool.submit(ask, item) for item in items]
            end = time.monotonic() + SECONDS
            while len(runner._waiting) < len(items):
                assert time.monotonic() < end
                time.sleep(0.001)
    return futures


def test_what_waits_is_one_batch_and_everyone_gets_their_own():
    inner = Doubling()
    runner = BatchingRunner(inner)
    values = [3, 4, 5, 6]
    futures = ask_together(runner, runner, [images(v, count=v) for v in values])
    assert inner.batches == [sum(values)]
    for value, future in zip(values, futures):
        doubled, next_one = future.result()
        assert doubled.shape == next_one.shape == (value, 32, 32, 3)
        assert doubled.eq(2 * value).all() and next_one.eq(value + 1).all()


def test_no_request_waits_for_another():
    inner = Doubling()
    assert BatchingRunner(inner)(images(4))[0].eq(8).all()
    assert inner.batches == [1]


def test_images_of_other_sizes_are_a_batch_of_their_own():
    inner = Doubling()
    runner = BatchingRunner(inner)
    futures = ask_together(
        runner, runner, [images(2), images(3, side=64), images(4), images(5, side=64)])
    assert inner.batches == [2, 2]
    assert [f.result()[0].flatten()[0] for f in futures] == [4, 6, 8, 10]


def test_an_error_reaches_only_the_caller_that_caused_it():
    runner = BatchingRunner(Doubling())
    good, bad, other = ask_together(runner, runner, [images(1), images(13), images(7)])
    with pytest.raises(ZeroDivisionError, match='thirteen'):
        bad.result()
    assert good.result()[0].eq(2).all() and other.result()[0].eq(14).all()
    assert runner(images(9))[0].eq(18).all()  # and later ones are fine


@pytest.fixture(scope='module', params=['torch', 'onnxruntime'])
def config(request):
    return Keypoints2DConfig(backend=request.param, detector_size=256)


@pytest.fixture(scope='module')
def alone(config):
    return PoseNetwork2D(config)


def refine(network, view):
    return network.refine(network.crop(view, REGIONS), REGIONS).keypoints


def assert_alike(found, expected):
    assert len(found) == len(expected) > 0
    np.testing.assert_allclose(found[..., :2], expected[..., :2], atol=1e-3)  # px
    np.testing.assert_allclose(found[..., 2], expected[..., 2], atol=1e-4)


def test_one_batch_is_as_one_by_one(config, alone):
    alone_runners = load_runners(config, torch.device('cpu'))
    runners = Runners(BatchingRunner(alone_runners.singlepose),
                      BatchingRunner(alone_runners.multipose), alone_runners.backend)
    shared = PoseNetwork2D(config, runners=runners)
    refined = ask_together(runners.singlepose, lambda view: refine(shared, view), VIEWS)
    detected = ask_together(runners.multipose, shared.detect, VIEWS)
    for view, keypoints, detections in zip(VIEWS, refined, detected):
        assert_alike(keypoints.result(), refine(alone, view))
        assert_alike(detections.result().keypoints, alone.detect(view).keypoints)


def test_threads_do_not_disturb_each_other(config, alone):
    with ThreadPoolExecutor(len(VIEWS)) as pool:
        refined = list(pool.map(lambda view: refine(alone, view), VIEWS))
    for view, keypoints in zip(VIEWS, refined):
        assert_alike(keypoints, refine(alone, view))
