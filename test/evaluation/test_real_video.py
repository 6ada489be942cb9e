# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Accuracy on real video: one subject, 1.7 seconds."""

import itertools

import numpy as np
import pytest
from support.real_video import needs_truth, TRUTH, videos  # noqa: F401: a fixture

from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation import keypoints2d, metrics, real_video
from pose_machine_ros.evaluation.methods import OnlineLifter
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.machine import MachineConfig, PoseMachine


@needs_truth
def test_the_subject_has_one_id_in_every_frame(videos):  # noqa: F811
    result = keypoints2d.evaluate(TRUTH, videos)
    for view, limit in (('cam01', 17), ('cam02', 12)):
        figures = result[view]
        assert figures['frame_offset'] == 1
        assert figures['found'] == figures['frames'] == 99
        assert len(figures['ids']) == 1
        assert figures['mean_px'] <= limit


@needs_truth
def test_skeletons_are_more_accurate_than_mediapipe(videos):  # noqa: F811
    """The errors of MediaPipe heavy are 107 and 87 mm. The correction lowers the error."""
    clips = real_video.clips(TRUTH, videos)
    corrected, plain = (OnlineLifter(LiftingConfig(correction=c), 'cpu')(clips)
                        for c in ('geometric', 'none'))
    for prediction, uncorrected, clip, limit, aligned_limit in zip(
            corrected, plain, clips, (80, 62), (58, 49)):
        figures = metrics.evaluate_clip(prediction, clip)
        assert figures['frames'] == 99
        assert figures['mpjpe_mm'] < limit
        assert figures['pa_mpjpe_mm'] < aligned_limit
        assert figures['root_error_mm'] < 150
        assert figures['mpjpe_mm'] < metrics.evaluate_clip(uncorrected, clip)['mpjpe_mm']


@needs_truth
def test_the_machine_equals_its_parts(videos):  # noqa: F811
    """Lifting the 2D keypoints of a clip gives the skeletons that the machine reports."""
    config = MachineConfig('cpu', lifting=LiftingConfig(correction='none'))
    clip = real_video.clips(TRUTH, videos, config, offset=0)[0]
    prediction, = OnlineLifter(config.lifting, 'cpu')([clip])
    machine = PoseMachine(config)
    frames = itertools.islice(VideoFile(videos / f'{clip.name}.mp4'), 30)
    for (stamp_ns, image), expected in zip(frames, prediction.positions):
        away = [np.abs(s.xyz - expected).max() for s in machine.step(image, stamp_ns, clip.camera)]
        assert min(away) < 2e-3


def write_truth(path, frames=4):
    names = ('LShoulder', 'RShoulder', 'LElbow', 'RElbow', 'LWrist', 'RWrist', 'LHip', 'RHip',
             'LKnee', 'RKnee', 'LAnkle', 'RAnkle', 'Nose', 'LEye', 'REye', 'LEar', 'REar',
             'LBigToe')
    rng = np.random.default_rng(0)
    keypoints = rng.random((frames, len(names), 3))
    keypoints[:, 12] = 0  # never seen
    np.savez(path, camera_xyz=rng.normal(size=(frames, len(names), 3)), keypoints2d=keypoints,
             names=np.array(names), K=np.array([[500, 0, 320], [0, 500, 240], [0, 0, 1]]),
             distortion=np.zeros(4), fps=60)


def test_ground_truth_files_with_openpose_names_are_read(tmp_path):
    write_truth(tmp_path / 'a_truth.npz')
    truth, = real_video.load_ground_truths(tmp_path)
    assert truth.name == 'a' and truth.joints.shape == (4, 12, 3) and truth.fps == 60
    with np.load(tmp_path / 'a_truth.npz') as file:
        np.testing.assert_array_equal(truth.joints[:, 4], file['camera_xyz'][:, 4])


def test_given_keypoints_are_those_of_the_file_and_nan_where_unseen(tmp_path):
    write_truth(tmp_path / 'a_truth.npz')
    clip, = real_video.clips_of_given_keypoints(tmp_path)
    with np.load(tmp_path / 'a_truth.npz') as file:
        np.testing.assert_allclose(clip.keypoints[:, 5], file['keypoints2d'][:, 0])  # shoulder
    assert np.isnan(clip.keypoints[:, 0, :2]).all() and (clip.keypoints[:, 0, 2] == 0).all()


def test_a_folder_without_ground_truth_is_named(tmp_path):
    with pytest.raises(InputError, match='_truth.npz'):
        real_video.load_ground_truths(tmp_path)


def test_a_ground_truth_file_that_lacks_an_array_is_named(tmp_path):
    np.savez(tmp_path / 'a_truth.npz', names=np.array(['LHip']))
    with pytest.raises(InputError, match='camera_xyz'):
        real_video.load_ground_truths(tmp_path)
