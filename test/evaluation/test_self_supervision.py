# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
import itertools

import numpy as np
import pytest
from support import captured
import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation.one_camera import film, Footage, write_keypoints
from pose_machine_ros.evaluation.self_supervision import BIASES, Experiment, run
from pose_machine_ros.io.keypoint_file import KeypointFile
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter, RecurrentLifterConfig
from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.training.unlabelled import UnlabelledClips

FOOTAGE = Footage(('anna',), views=2)


@pytest.fixture(scope='module')
def people(tmp_path_factory):
    """Return a file with two people in the split test and one in the split train."""
    path = captured.write(tmp_path_factory.mktemp('people') / 'people.npz', clips=3, frames=60)
    arrays = dict(np.load(path))
    np.savez(path, **arrays | {'split': np.array(['test', 'train', 'test']),
                               'subject': np.array(['anna', 'ben', 'cleo'])})
    return path


def test_the_camera_stays_where_it_is_and_sees_each_clip_from_several_sides(people):
    clips = film(people, FOOTAGE)
    assert [clip.name[:4] for clip in clips] == ['anna', 'anna']
    for clip in clips:
        assert clip.truth[..., 2].min() > 1  # in front of the camera
        lowest = clip.truth[..., 1].max()  # y points down: the feet are on the floor
        assert 0.5 < lowest < 1.2
        seen = np.isfinite(clip.keypoints[..., 0])
        projected = clip.camera.project(torch.from_numpy(clip.truth)).numpy()
        wrist, elbow = (HUMAN36M_17.index(f'left_{n}') for n in ('wrist', 'elbow'))
        size = np.linalg.norm(np.ptp(projected, 1), axis=-1)
        keypoints = np.where(seen[..., None], clip.keypoints[..., :2], np.nan)
        away = np.nanmedian(np.linalg.norm(keypoints[:, [9, 7]] - projected[:, [wrist, elbow]],
                                           axis=-1) / size[:, None])
        assert away < 0.1
    assert np.abs(clips[0].truth - clips[1].truth).max() > 0.1
    again = film(people, FOOTAGE)
    np.testing.assert_array_equal(again[1].keypoints, clips[1].keypoints)


def test_a_bias_of_the_network_changes_the_keypoints_and_not_the_truth(people):
    plain, biased = film(people, FOOTAGE), film(people, replace(
        FOOTAGE, trunk_bias=(0.1, 0.1)))
    for a, b in zip(plain, biased):
        np.testing.assert_array_equal(a.truth, b.truth)
        moved = np.nanmedian(b.keypoints[..., 1] - a.keypoints[..., 1], 0)
        assert (moved[[5, 6, 11, 12]] < -3).all()  # upwards in the image
        assert np.abs(moved[[0, 7, 8, 13, 14]]).max() < 1


def test_unknown_people_are_named(people):
    with pytest.raises(InputError, match='no clip of ben .* it has anna, cleo'):
        film(people, replace(FOOTAGE, subjects=('ben',)))
    with pytest.raises(InputError, match='lacks the array subject'):
        film(captured.write(people.parent / 'nobody.npz'), FOOTAGE)


def test_keypoints_are_written_as_files_of_video(people, tmp_path):
    clips = film(people, FOOTAGE)
    write_keypoints(clips, tmp_path / 'video')
    paths = sorted((tmp_path / 'video').glob('*.npz'))
    assert len(paths) == 2
    file = KeypointFile.read(paths[0])
    np.testing.assert_allclose(file.keypoints, clips[0].keypoints, atol=1e-3)


def test_every_training_is_compared_on_seen_and_on_other_people(people, tmp_path):
    torch.manual_seed(0)
    lifter = RecurrentLifter(RecurrentLifterConfig(width=16)).eval()
    before = [p.clone() for p in lifter.parameters()]
    rows = run(Experiment([captured.write(tmp_path / 'motion.npz')], lifter, steps=2, batch=2),
               people, ('anna',), ('cleo',))
    assert all(torch.equal(a, b) for a, b in zip(before, lifter.parameters()))
    for name, bias in BIASES.items():
        trainings = [row[1].split(' (')[0] for row in rows if row[0] == name]
        assert trainings == ['before', 'labelled clips only', '+ video', 'bias from video', 'both',
                             *(['true bias'] if any(bias) else [])]
    figures = [float(value) for row in rows for cell in row[2:] for value in cell.split(' / ')]
    assert len(figures) == 4 * len(rows) and np.isfinite(figures).all()


def test_video_and_labelled_clips_train_the_lifter(people, tmp_path):
    torch.manual_seed(0)
    lifter = RecurrentLifter(RecurrentLifterConfig(width=16)).eval()
    experiment = Experiment([captured.write(tmp_path / 'motion.npz')], lifter, 3, 2, 1e-3)
    write_keypoints(film(people, FOOTAGE), tmp_path / 'video')
    networks = [lifter, *(experiment.trained(experiment.labelled(), video) for video in (
        None, UnlabelledClips(tmp_path / 'video', 2, 48)))]
    heads = [network.head[-1].weight for network in networks]
    for a, b in itertools.combinations(heads, 2):
        assert (a - b).abs().max() > 1e-5
    again = experiment.trained(experiment.labelled())
    torch.testing.assert_close(again.head[-1].weight, heads[1])
