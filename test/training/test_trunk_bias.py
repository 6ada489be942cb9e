# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest
from support import captured
import torch
from torch import nn

from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.lifting.features import rays_of
from pose_machine_ros.lifting.lifter import load_recurrent_lifter
from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.synthesis.clips import ClipSynthesizer
from pose_machine_ros.training.trunk_bias import (
    BiasedClips, misplace, TrunkBiasEstimator, with_bias, without_bias)

LEFT_HIP, RIGHT_HIP, LEFT_SHOULDER, RIGHT_SHOULDER = (
    COCO_17.index(f'{side}_{part}') for part in ('hip', 'shoulder') for side in ('left', 'right'))
NONE = torch.zeros(2)
BIAS = torch.tensor([0.1, -0.05])


@pytest.fixture
def clips(tmp_path):
    data = MotionCaptureDataset.load(captured.write(tmp_path / 'motion.npz'), 'train')
    return ClipSynthesizer(data, 8, 12, seed=3)


def facing():
    """Return keypoints (17, 2) of a person who faces the camera; y is down."""
    plane = torch.zeros(17, 2)
    plane[LEFT_HIP], plane[RIGHT_HIP] = torch.tensor([0.1, 0.5]), torch.tensor([-0.1, 0.5])
    plane[LEFT_SHOULDER], plane[RIGHT_SHOULDER] = torch.tensor([0.2, 0]), torch.tensor([-0.2, 0])
    return plane


def test_hips_and_shoulders_move_up_along_the_trunk():
    plane = facing()
    moved = misplace(plane, torch.tensor([0.1, 0.0])) - plane
    torch.testing.assert_close(moved[LEFT_HIP], torch.tensor([0, -0.05]))
    torch.testing.assert_close(moved[RIGHT_HIP], torch.tensor([0, -0.05]))
    others = [i for i in range(17) if i not in (LEFT_HIP, RIGHT_HIP)]
    assert not moved[others].any()


def test_a_bias_turns_with_the_person():
    plane, turn = facing(), torch.tensor([[0.6, 0.8], [-0.8, 0.6]])
    torch.testing.assert_close(misplace(plane @ turn, BIAS), misplace(plane, BIAS) @ turn)


def in_camera(batch, vectors):
    return vectors @ batch.view.rotation


def test_a_biased_clip_differs_in_hips_and_shoulders_only(clips):
    batch = next(clips)
    biased = with_bias(batch, BIAS)
    # The person camera turns with the keypoints: compare in the frame of the camera.
    torch.testing.assert_close(
        in_camera(biased, biased.joints), in_camera(batch, batch.joints), atol=1e-5, rtol=0)
    seen = batch.view.weights > 0
    assert torch.equal(seen, biased.view.weights > 0)
    before, after = (nn.functional.normalize(in_camera(b, rays_of(b.view.plane)), dim=-1)
                     for b in (batch, biased))
    moved = (after - before).norm(dim=-1) > 1e-4
    trunk = torch.zeros(17, dtype=torch.bool)
    trunk[[LEFT_HIP, RIGHT_HIP, LEFT_SHOULDER, RIGHT_SHOULDER]] = True
    assert not (moved & seen)[..., ~trunk].any()
    assert moved[seen & trunk].float().mean() > 0.9


def test_clips_without_a_bias_stay_as_they_are(clips):
    batch = next(clips)
    same = with_bias(batch, NONE)
    torch.testing.assert_close(
        same.view.features[:, 1:], batch.view.features[:, 1:], atol=1e-4, rtol=0)
    torch.testing.assert_close(same.joints, batch.joints, atol=1e-5, rtol=0)
    torch.testing.assert_close(same.true_plane, batch.true_plane, atol=1e-4, rtol=1e-4)


def test_a_known_bias_is_removed_from_video(clips):
    batch = next(clips)
    everything = replace(batch.view, plane=batch.true_plane,
                         weights=torch.ones_like(batch.view.weights))
    clean, biased = (with_bias(replace(batch, view=everything), bias).view
                     for bias in (NONE, BIAS))
    # The person camera turns with the keypoints: compare rays in the frame of the camera.
    expected, seen, found = (nn.functional.normalize(rays_of(v.plane) @ v.rotation, dim=-1)
                             for v in (clean, biased, without_bias(biased, BIAS)))
    before, after = ((x - expected).abs().max() for x in (seen, found))
    assert before > 1e-3 and after < 0.1 * before


def test_biased_clips_are_those_of_the_iterator(clips):
    expected = with_bias(next(clips), BIAS)
    clips = BiasedClips(iter([]), BIAS), BiasedClips(iter([expected]), NONE)
    with pytest.raises(StopIteration):
        next(clips[0])
    torch.testing.assert_close(next(clips[1]).joints, expected.joints, atol=1e-5, rtol=0)


def test_the_bias_of_a_network_is_found_in_video_of_other_people(tmp_path):
    data = MotionCaptureDataset.load(captured.write(tmp_path / 'motion.npz'), 'train')
    lifter = load_recurrent_lifter()
    simulated, video = (ClipSynthesizer(data, 64, 12, seed) for seed in (0, 1))
    estimator = TrunkBiasEstimator(lifter, (next(simulated) for _ in range(8)))
    clips = [next(video) for _ in range(2)]
    (unbiased, sigma), (found, _) = (
        estimator(with_bias(clip, bias).view for clip in clips) for bias in (NONE, BIAS))
    assert (sigma < 0.05).all()
    torch.testing.assert_close(found, BIAS, atol=0.05, rtol=0)
    torch.testing.assert_close(unbiased, NONE, atol=0.05, rtol=0)


def test_without_usable_video_the_bias_is_unknown(clips):
    batch = next(clips)
    estimator = TrunkBiasEstimator(load_recurrent_lifter(), (next(clips) for _ in range(8)))
    nobody = replace(batch.view, weights=torch.zeros_like(batch.view.weights))
    found, sigma = estimator([nobody])
    assert not found.any()
    torch.testing.assert_close(sigma, torch.full((2,), 0.06))
