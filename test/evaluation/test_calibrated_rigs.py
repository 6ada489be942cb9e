# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from support import captured

from pose_machine_ros import cli
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.evaluation import calibrated_rigs
from pose_machine_ros.evaluation.walked_rigs import RigScenario, scenes
from pose_machine_ros.rig_calibration.calibration import CalibratedCamera, RigCalibration
from pose_machine_ros.rig_calibration.procrustes import rotation_of


@pytest.fixture(scope='module')
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz')


def test_the_command_prints_a_row_for_every_source_of_the_size(
        data: Path, tmp_path: Path, capsys: pytest.CaptureFixture,
        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrated_rigs, 'SCENARIOS', {
        'two': RigScenario(2, seconds=6, max_offset=0.2, is_noisy=False)})
    out, page = tmp_path / 'figures.json', tmp_path / 'page.md'
    page.write_text('<!-- rig -->\n<!-- /rig -->\n')
    assert cli.main(['evaluate', 'rig', '--data', str(data), '--rigs', '1', '--device', 'cpu',
                     '--json', str(out), '--update', str(page)]) == 0
    figures = json.loads(out.read_text())['two']
    assert set(figures) == {'distance known', 'camera height known', 'stature known',
                            'nothing known'}
    assert figures['distance known']['position_pct'] < 5
    assert figures['nothing known']['rotation_deg'] == pytest.approx(
        figures['distance known']['rotation_deg'])
    assert '| two | distance known' in page.read_text()


def test_no_rig_is_refused(data: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(['evaluate', 'rig', '--data', str(data), '--rigs', '0']) == 2
    assert '--rigs 0' in capsys.readouterr().err


def test_errors_are_those_of_the_rig_whatever_its_frame(data: Path) -> None:
    scene = next(scenes(data, RigScenario(2, seconds=1), 1))
    turned = RigidTransform(rotation_of(np.array([0, 0, 1.0])), np.array([3.0, -2, 0]))
    poses = [turned @ p for p in scene.poses]
    off = poses[1] @ RigidTransform(rotation_of(np.array([0, np.radians(0.5), 0])))
    ahead = RigidTransform(off.rotation, off.translation + turned.rotate(
        0.02 * (scene.poses[1].translation - scene.poses[0].translation)))

    def camera(pose: RigidTransform, offset: float) -> CalibratedCamera:
        return CalibratedCamera('a', 'a', pose, offset, 0.01 * np.eye(3), 0.01 * np.eye(3), 1e-3,
                                np.zeros(1))

    rig = RigCalibration('world', [camera(poses[0], 0.0), camera(ahead, scene.offsets[1] + 0.003)],
                         '', 0.0, 0.0, 0.0, np.arange(3.0), np.zeros(3, int),
                         np.zeros((3, 12, 3)))
    found = calibrated_rigs.errors(rig, scene)
    assert found['rotation_deg'] == pytest.approx([0.5], abs=1e-6)
    assert found['position_pct'] == pytest.approx([2], abs=1e-6)
    assert found['direction_deg'] == pytest.approx([0], abs=1e-4)
    assert found['offset_ms'] == pytest.approx([3], abs=1e-6)
    assert found['tilt_deg'] == pytest.approx([0], abs=1e-4)
    assert found['height_mm'] == pytest.approx([0], abs=1e-6)


def test_the_same_seed_gives_the_same_scenes(data: Path) -> None:
    a, b = (next(scenes(data, RigScenario(2, seconds=2), 1)) for _ in range(2))
    np.testing.assert_array_equal(a.joints, b.joints)
    for p, q in zip(a.sequences, b.sequences):
        np.testing.assert_array_equal(p.stamps_ns, q.stamps_ns)
        np.testing.assert_array_equal(p.people[5]['p1'], q.people[5]['p1'])
