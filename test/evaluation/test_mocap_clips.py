# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import json

import numpy as np
import pytest
from support import captured
import torch

from pose_machine_ros import cli
from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation import mocap_clips, report
from pose_machine_ros.evaluation.methods import OfflineLifter, OnlineLifter
from pose_machine_ros.lifting import streaming_lifter
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.lifter import load_recurrent_lifter
from pose_machine_ros.skeleton import HUMAN36M_17


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    return captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz', clips=6)


def test_every_condition_and_method_is_evaluated(path, tmp_path, capsys):
    page = tmp_path / 'evaluation.md'
    page.write_text('before\n<!-- mocap -->\nold\n<!-- /mocap -->\nafter\n')
    picture, figures = tmp_path / 'plot.png', tmp_path / 'figures.json'
    assert cli.main(['evaluate', 'mocap', '--data', str(path), '--seconds', '0.7', '--device',
                     'cpu', '--json', str(figures), '--update', str(page), '--plot',
                     str(picture)]) == 0
    result = json.loads(figures.read_text())
    assert set(result) == set(mocap_clips.CONDITIONS)
    for methods in result.values():
        assert {'none', 'geometric', 'learned', 'paper', 'lag 3', 'no memory'} <= set(methods)
    clean = result['clean']['geometric']
    assert 0 < clean['pa_mpjpe_mm'] <= clean['mpjpe_mm'] < 300
    shown = page.read_text()
    assert shown.startswith('before') and shown.endswith('after\n') and 'old' not in shown
    assert shown.count('geometric') == len(mocap_clips.CONDITIONS)
    assert picture.read_bytes().startswith(b'\x89PNG')


def test_the_split_of_the_error_has_a_table_of_its_own(path, tmp_path):
    page = tmp_path / 'evaluation.md'
    page.write_text('<!-- mocap -->\nkept\n<!-- /mocap -->\n'
                    '<!-- mocap-split -->\nold\n<!-- /mocap-split -->\n')
    picture, figures = tmp_path / 'plot.png', tmp_path / 'figures.json'
    assert cli.main(['evaluate', 'mocap', '--split', '--data', str(path), '--seconds', '0.4',
                     '--device', 'cpu', '--json', str(figures), '--update', str(page), '--plot',
                     str(picture)]) == 0
    result = json.loads(figures.read_text())
    assert set(result) == {'clean', 'noisy', 'sitting'}
    for methods in result.values():
        assert {'none', 'geometric', 'learned', 'paper', 'height known'} <= set(methods)
        for row in methods.values():
            only_clip, = row['by_clip'].values()
            assert row['along_mm'] == row['along_mm_low'] == only_clip['along_mm']
    shown = page.read_text()
    assert 'kept' in shown and 'old' not in shown
    assert '| along mm |' in shown and '| wrists |' in shown
    assert picture.read_bytes().startswith(b'\x89PNG')


def test_sitting_people_have_the_cameras_and_bodies_of_the_others(path):
    sitting, clean = (mocap_clips.clips(path, mocap_clips.CONDITIONS[name], 1.0)[0]
                      for name in ('sitting', 'clean'))
    assert sitting.height == pytest.approx(clean.height, abs=1e-3)
    assert np.linalg.norm(sitting.truth - clean.truth, axis=-1).max() > 0.2

    def shank(clip):
        knee, ankle = (HUMAN36M_17.index(f'left_{part}') for part in ('knee', 'ankle'))
        return np.median(np.linalg.norm(clip.truth[:, ankle] - clip.truth[:, knee], axis=-1))
    assert shank(sitting) == pytest.approx(shank(clean), abs=1e-3)


def test_a_page_without_markers_is_not_changed(tmp_path):
    page = tmp_path / 'page.md'
    page.write_text('nothing')
    with pytest.raises(InputError, match='<!-- mocap -->'):
        report.update(page, 'mocap', 'table')
    assert page.read_text() == 'nothing'


def test_the_same_seed_gives_the_same_clips(path):
    first, again = (mocap_clips.clips(path, mocap_clips.CONDITIONS['noisy'], 1.0) for _ in range(2))
    np.testing.assert_array_equal(first[0].keypoints, again[0].keypoints)


def test_clean_keypoints_are_the_projected_joints(path):
    clip = mocap_clips.clips(path, mocap_clips.CONDITIONS['clean'], 1.0)[0]
    import torch

    from pose_machine_ros.skeleton import SHARED_JOINTS, SHARED_KEYPOINTS
    pixels = clip.camera.project(torch.from_numpy(clip.truth[:, SHARED_JOINTS]))
    np.testing.assert_allclose(pixels, clip.keypoints[:, SHARED_KEYPOINTS, :2], atol=0.05)


def test_conditions_have_their_rates_and_gaps(path):
    fast, = mocap_clips.clips(path, mocap_clips.CONDITIONS['60 Hz'], 1.0)
    slow, = mocap_clips.clips(path, mocap_clips.CONDITIONS['10 Hz'], 1.0)
    gappy, = mocap_clips.clips(path, mocap_clips.CONDITIONS['30 % dropped'], 3.0)
    assert len(fast.stamps_ns) == 60 and len(slow.stamps_ns) == 10
    assert np.diff(gappy.stamps_ns).max() > 1.5e9 / 30


def test_the_lifter_frame_by_frame_equals_the_network_on_the_clip(path, monkeypatch):
    # On some processors the weights are bfloat16 otherwise, which moves joints by 2 mm.
    monkeypatch.setattr(streaming_lifter, 'weight_dtype', lambda device: torch.float32)
    # Short enough for both memories.
    clips = mocap_clips.clips(path, mocap_clips.CONDITIONS['noisy'], 0.25)
    online, = OnlineLifter(LiftingConfig(correction='none'), 'cpu')(clips)
    offline, = OfflineLifter(load_recurrent_lifter(), device='cpu')(clips)
    np.testing.assert_allclose(online.positions, offline.positions, atol=1e-4)


def test_clips_lifted_together_equal_those_lifted_alone(path, tmp_path):
    more = captured.write(tmp_path / 'm.npz', clips=4)
    several = mocap_clips.clips(more, mocap_clips.CONDITIONS['clean'], 0.4, split='train')
    # Without the geometric correction, whose decision to take a step depends on the last digits.
    method = OnlineLifter(LiftingConfig(correction='none'), 'cpu')
    for together, alone in zip(method(several), (method([c])[0] for c in several)):
        np.testing.assert_allclose(together.positions, alone.positions, atol=1e-4)
