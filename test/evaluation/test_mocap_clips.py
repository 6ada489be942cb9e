# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import json

import numpy as np
import pytest
from support import captured

from pose_machine_ros import cli
from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation import mocap_clips, report
from pose_machine_ros.evaluation.methods import Offline, Online
from pose_machine_ros.lifting.lifter import LiftingConfig, load_recurrent_lifter


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    return captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz', clips=6)


def test_every_view_and_method_is_measured(path, tmp_path, capsys):
    page = tmp_path / 'evaluation.md'
    page.write_text('before\n<!-- mocap -->\nold\n<!-- /mocap -->\nafter\n')
    picture, figures = tmp_path / 'plot.png', tmp_path / 'figures.json'
    assert cli.main(['evaluate', 'mocap', '--data', str(path), '--seconds', '0.7', '--device',
                     'cpu', '--json', str(figures), '--update', str(page), '--plot',
                     str(picture)]) == 0
    result = json.loads(figures.read_text())
    assert set(result) == set(mocap_clips.VIEWS)
    for methods in result.values():
        assert {'none', 'learned', 'geometric', 'lag 3', 'no memory'} <= set(methods)
    clean = result['clean']['geometric']
    assert 0 < clean['pa_mpjpe_mm'] <= clean['mpjpe_mm'] < 300
    shown = page.read_text()
    assert shown.startswith('before') and shown.endswith('after\n') and 'old' not in shown
    assert shown.count('geometric') == len(mocap_clips.VIEWS)
    assert picture.read_bytes().startswith(b'\x89PNG')


def test_a_page_without_a_place_for_the_table_is_left_alone(tmp_path):
    page = tmp_path / 'page.md'
    page.write_text('nothing')
    with pytest.raises(InputError, match='<!-- mocap -->'):
        report.update(page, 'mocap', 'table')
    assert page.read_text() == 'nothing'


def test_the_same_seed_gives_the_same_clips(path):
    first, again = (mocap_clips.clips(path, mocap_clips.VIEWS['noisy'], 1.0) for _ in range(2))
    np.testing.assert_array_equal(first[0].keypoints, again[0].keypoints)


def test_clean_keypoints_are_the_projected_joints(path):
    clip = mocap_clips.clips(path, mocap_clips.VIEWS['clean'], 1.0)[0]
    import torch

    from pose_machine_ros.skeleton import SHARED_JOINTS, SHARED_KEYPOINTS
    pixels = clip.camera.project(torch.from_numpy(clip.truth[:, SHARED_JOINTS]))
    np.testing.assert_allclose(pixels, clip.keypoints[:, SHARED_KEYPOINTS, :2], atol=0.05)


def test_views_have_their_rates_and_gaps(path):
    fast, = mocap_clips.clips(path, mocap_clips.VIEWS['60 Hz'], 1.0)
    slow, = mocap_clips.clips(path, mocap_clips.VIEWS['10 Hz'], 1.0)
    gappy, = mocap_clips.clips(path, mocap_clips.VIEWS['30 % dropped'], 3.0)
    assert len(fast.stamps_ns) == 60 and len(slow.stamps_ns) == 10
    assert np.diff(gappy.stamps_ns).max() > 1.5e9 / 30


def test_frame_by_frame_the_lifter_answers_as_the_network_does_over_the_clip(path):
    clips = mocap_clips.clips(path, mocap_clips.VIEWS['noisy'], 0.25)  # while both memories are one
    online, = Online(LiftingConfig(correction='none'), 'cpu')(clips)
    offline, = Offline(load_recurrent_lifter(), device='cpu')(clips)
    np.testing.assert_allclose(online.positions, offline.positions, atol=2e-3)


def test_clips_lifted_together_are_lifted_as_if_alone(path, tmp_path):
    several = mocap_clips.clips(
        captured.write(tmp_path / 'm.npz', clips=4), mocap_clips.VIEWS['clean'], 0.4, split='train')
    # Without the geometric correction: there the last digits decide whether a step is taken.
    method = Online(LiftingConfig(correction='none'), 'cpu')
    for together, alone in zip(method(several), (method([c])[0] for c in several)):
        np.testing.assert_allclose(together.positions, alone.positions, atol=1e-4)
