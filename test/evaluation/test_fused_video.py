# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Accuracy of the fusion on real video: one subject before two cameras, 1.7 seconds."""

import json

import numpy as np
import pytest
from support.real_video import needs_truth, TRUTH, videos  # noqa: F401: a fixture

from pose_machine_ros import cli
from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation import fused_video, real_video

_RIG = """cam01:
  rotation: [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
  translation: [0.5, 1.5, 3.0]
"""


def test_the_pose_is_that_of_the_camera_in_the_world(tmp_path):
    (tmp_path / 'rig.yaml').write_text(_RIG)
    pose = fused_video.load_rig(tmp_path / 'rig.yaml')['cam01']
    world = np.array((0.3, -0.2, 0.9))
    rotation = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    np.testing.assert_allclose(pose.apply(rotation @ world + (0.5, 1.5, 3.0)), world, atol=1e-12)


@pytest.mark.parametrize('text', ['', 'cam01: {}', 'cam01:\n  rotation: [1]\n  translation: [0]',
                                  _RIG.replace('[1, 0, 0]', '[2, 0, 0]'), '- a', 'a: [b'])
def test_a_file_that_is_no_rig_is_named(tmp_path, text):
    (tmp_path / 'rig.yaml').write_text(text)
    with pytest.raises(InputError, match='rig.yaml|rotation matrix'):
        fused_video.load_rig(tmp_path / 'rig.yaml')


def test_a_missing_rig_is_named(tmp_path):
    with pytest.raises(InputError, match='rig.yaml'):
        fused_video.load_rig(tmp_path / 'rig.yaml')


@needs_truth
def test_the_truth_of_both_cameras_is_at_one_place_in_the_world():
    poses = fused_video.load_rig(TRUTH / 'rig.yaml')
    first, second = (poses[t.name].apply(t.joints) for t in real_video.load_ground_truths(TRUTH))
    assert np.nanmax(np.linalg.norm(first - second, axis=-1)) < 0.005
    ankles, shoulders = first[:, [10, 11], 2], first[:, [0, 1], 2]
    assert np.nanmean(shoulders) > np.nanmean(ankles)


@needs_truth
def test_two_cameras_are_better_than_one_and_the_bystander_is_someone_else(
        videos, tmp_path, capsys):  # noqa: F811
    picture, figures = tmp_path / 'fused.jpg', tmp_path / 'figures.json'
    assert cli.main(['evaluate', 'fusion', '--truth', str(TRUTH), '--videos', str(videos),
                     '--picture', str(picture), '--json', str(figures), '--device', 'cpu']) == 0
    rows = json.loads(figures.read_text())['video']['real video']
    fused = rows['fused']
    assert fused['frames'] >= 97 and fused['ids'] == 1
    assert fused['people'] == pytest.approx(2, abs=0.1)
    assert fused['mpjpe_mm'] <= 36 and fused['pa_mpjpe_mm'] <= 25 and fused['absolute_mm'] <= 42
    for camera in ('cam01', 'cam02'):
        alone, single = rows[f'fused, {camera} alone'], rows[camera]
        assert alone['mpjpe_mm'] <= single['mpjpe_mm'] + 1
        assert alone['absolute_mm'] <= single['absolute_mm'] + 2
    assert picture.read_bytes().startswith(b'\xff\xd8')
    assert '| real video | fused ' in capsys.readouterr().out
