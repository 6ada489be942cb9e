# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.evaluation import metrics
from pose_machine_ros.evaluation.clips import Clip, Prediction

RNG = np.random.default_rng(0)
TRUTH = RNG.normal(size=(6, 12, 3))
CAMERA = Camera.from_fov(640, 480)


def rotated(points):
    q, _ = np.linalg.qr(RNG.normal(size=(3, 3)))
    return points @ (q * np.sign(np.linalg.det(q)))


def even(frames, fps=30):
    return np.round(np.arange(frames) / fps * 1e9).astype(np.int64)


def clip(truth, fps=30):
    keypoints = np.ones((len(truth), 17, 3), np.float32)
    return Clip('a', keypoints, even(len(truth), fps), CAMERA, truth, list(range(17)), [0])


def test_a_translation_is_the_error():
    assert metrics.mpjpe(TRUTH + [0.003, 0, 0.004], TRUTH) == pytest.approx(5)


def test_procrustes_removes_rotation_scale_and_translation():
    assert metrics.pa_mpjpe(1.7 * rotated(TRUTH) + 3, TRUTH) == pytest.approx(0, abs=1e-9)


def test_procrustes_does_not_mirror():
    assert metrics.pa_mpjpe(TRUTH * [-1, 1, 1], TRUTH) > 100


def test_procrustes_never_increases_the_error():
    joints = TRUTH + 0.1 * RNG.normal(size=TRUTH.shape)
    assert metrics.pa_mpjpe(joints, TRUTH) < metrics.mpjpe(joints, TRUTH)


def test_scale_free_error_removes_scale_only():
    assert metrics.scale_free_mpjpe(1.3 * TRUTH, TRUTH) == pytest.approx(0, abs=1e-9)
    assert metrics.scale_free_mpjpe(rotated(TRUTH), TRUTH) > 100


def test_unknown_joints_do_not_count():
    truth = TRUTH.copy()
    truth[2, 3] = np.nan
    joints = TRUTH.copy()
    joints[2, 3] += 9
    assert metrics.mpjpe(joints, truth) == pytest.approx(0)
    assert metrics.pa_mpjpe(joints, truth) == pytest.approx(0, abs=1e-9)
    assert metrics.scale_free_mpjpe(joints, truth) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize('fps', [30, 60])
def test_acceleration_is_per_frame_of_30_hz(fps):
    time = np.arange(20)[:, None, None] / fps
    fallen = np.zeros((20, 12, 3)) + 0.5 * 9.81 * time ** 2
    error = metrics.acceleration_error(fallen, np.zeros_like(fallen), even(20, fps))
    assert error == pytest.approx(1e3 * np.sqrt(3) * 9.81 / 30 ** 2, rel=1e-4)


def test_acceleration_is_nan_if_frames_are_missing():
    stamps = even(20)[[i for i in range(20) if i != 7]]
    assert np.isnan(metrics.acceleration_error(np.zeros((19, 12, 3)), np.ones((19, 12, 3)), stamps))


def test_a_clip_of_known_errors_gives_known_figures():
    truth = RNG.normal(size=(40, 17, 3)) + [0, 0, 4]
    wrong = truth.copy()
    wrong[:, 1] += [0.16, 0, 0]  # one of the 16 joints other than the origin
    figures = metrics.evaluate_clip(Prediction(wrong), clip(truth))
    assert figures['frames'] == 40
    assert figures['mpjpe_mm'] == pytest.approx(10)
    assert figures['pck_pct'] == pytest.approx(100 * 15 / 16)
    assert figures['root_error_mm'] == pytest.approx(0)
    assert figures['hips_mm'] == pytest.approx(80) and figures['knees_mm'] == 0
    assert np.isnan(figures['within_1_sigma_pct'])


def test_the_error_of_a_clip_is_split_along_the_ray_to_the_person():
    truth = RNG.normal(size=(10, 17, 3)) + [3, 0, 4]
    moved = truth.copy()
    moved[:, 1:] += 0.05 * truth[:, :1] / np.linalg.norm(truth[:, :1], axis=-1, keepdims=True)
    figures = metrics.evaluate_clip(Prediction(moved), clip(truth))
    assert figures['along_mm'] == pytest.approx(50)
    assert figures['across_mm'] == pytest.approx(0, abs=1e-6)


def test_a_person_too_far_away_has_a_root_error_and_no_drift():
    truth = np.zeros((10, 17, 3)) + [0, 0, 5]
    truth[:, 1:] += 0.3 * RNG.normal(size=(1, 16, 3))
    figures = metrics.evaluate_clip(Prediction(truth * 1.04), clip(truth))
    assert figures['root_error_mm'] == pytest.approx(200)
    assert figures['root_error_pct'] == pytest.approx(4)
    assert figures['scale_drift_pct'] == pytest.approx(0, abs=1e-6)
    assert figures['scale_free_mm'] == pytest.approx(0, abs=1e-6)
    assert figures['scale_pct'] == pytest.approx(4)


@pytest.mark.parametrize('claimed, one, two', [(1.0, 68.3, 95.4), (0.5, 38.3, 68.3)])
def test_right_standard_deviations_contain_68_and_95_percent(claimed, one, two):
    truth = RNG.normal(size=(2000, 17, 3)) + [0, 0, 4]
    prediction = Prediction(
        truth + 0.05 * RNG.normal(size=truth.shape),
        np.broadcast_to((0.05 * claimed) ** 2 * np.eye(3), (2000, 17, 3, 3)))
    figures = metrics.evaluate_clip(prediction, clip(truth))
    assert figures['within_1_sigma_pct'] == pytest.approx(one, abs=1)
    assert figures['within_2_sigma_pct'] == pytest.approx(two, abs=1)


def test_frames_without_a_prediction_do_not_count():
    truth = RNG.normal(size=(10, 17, 3))
    joints = truth.copy()
    joints[:4] = np.nan
    figures = metrics.evaluate_clip(Prediction(joints), clip(truth))
    assert figures['frames'] == 6 and figures['mpjpe_mm'] == pytest.approx(0)
    nothing = Prediction(np.full_like(truth, np.nan))
    assert metrics.evaluate_clip(nothing, clip(truth)) == {'frames': 0}


def test_the_mean_is_over_frames_and_the_interval_over_clips():
    rows = [{'frames': 10 * (i + 1), 'mpjpe_mm': 50.0 + i} for i in range(10)]
    figures = metrics.summarize([*rows, {'frames': 0}])
    assert figures['clips'] == 10 and figures['frames'] == 550
    assert figures['mpjpe_mm'] == pytest.approx(56)
    assert 53 < figures['mpjpe_mm_low'] < 56 < figures['mpjpe_mm_high'] < 59
    same = metrics.summarize([{'frames': 9, 'mpjpe_mm': 70.0}] * 8)
    assert same['mpjpe_mm_low'] == same['mpjpe_mm_high'] == pytest.approx(70)


ROWS = [{'frames': 10 * (i + 1), 'mpjpe_mm': 50.0 + i, 'scale_pct': (-1.0) ** i,
         'lean_deg': float('nan') if i else 3.0} for i in range(10)]


def test_every_clip_has_the_same_weight_in_the_mean_over_clips():
    figures = metrics.mean_over_clips([*ROWS, {'frames': 0}])
    assert figures['clips'] == 10 and figures['frames'] == 550
    assert figures['mpjpe_mm'] == pytest.approx(54.5)
    assert 51 < figures['mpjpe_mm_low'] < 54 < 55 < figures['mpjpe_mm_high'] < 58
    assert figures['scale_pct_low'] < -0.3 and figures['scale_pct_high'] > 0.3
    assert figures['lean_deg'] == figures['lean_deg_low'] == figures['lean_deg_high'] == 3


def test_the_order_of_the_clips_does_not_change_the_mean_over_clips():
    shuffled = [ROWS[i] for i in np.random.default_rng(3).permutation(len(ROWS))]
    assert metrics.mean_over_clips(shuffled) == metrics.mean_over_clips(ROWS)


def test_few_clips_have_their_range_instead_of_an_interval():
    figures = metrics.mean_over_clips([ROWS[3], ROWS[0], ROWS[1]])
    assert [figures[f'mpjpe_mm{end}'] for end in ('_low', '', '_high')] == [50, 52 - 2 / 3, 53]


def test_a_figure_that_no_clip_has_is_left_out_of_the_mean():
    assert 'lean_deg' not in metrics.mean_over_clips(ROWS[1:])
    assert metrics.mean_over_clips([]) == {'clips': 0, 'frames': 0}
