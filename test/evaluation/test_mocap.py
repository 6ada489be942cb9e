# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from pose_machine_ros.commands.evaluate import table
from pose_machine_ros.evaluation import mocap
from training import captured


def test_every_correction_and_input_is_measured(tmp_path):
    path = captured.write(tmp_path / 'motion.npz')
    result = mocap.evaluate(path, max_frames=20, device='cpu')
    assert set(result) == {'none', 'learned', 'geometric'}
    for figures in result.values():
        assert set(figures) == {'clean', 'noisy'}
        assert figures['clean']['frames'] == 20
        assert 0 < figures['clean']['pa_mpjpe_mm'] <= figures['clean']['mpjpe_mm'] < 300
    rows = table(result).splitlines()
    assert len(rows) == 7 and 'mpjpe_mm' in rows[0]


def test_the_same_seed_gives_the_same_figures(tmp_path):
    path = captured.write(tmp_path / 'motion.npz')
    first, again = (mocap.evaluate(path, corrections=('none',), max_frames=10, device='cpu')
                    for _ in range(2))
    assert first == again
