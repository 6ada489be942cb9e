# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from support import captured

from pose_machine_ros import cli
from pose_machine_ros.evaluation import fused_people, fused_rigs


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    return captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz', clips=4)


def test_every_condition_and_number_of_cameras_is_evaluated(path, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(fused_people, 'SCENARIOS', {'two': fused_people.RigScenario(2, 2)})
    page, figures = tmp_path / 'page.md', tmp_path / 'figures.json'
    page.write_text('\n'.join(f'<!-- fusion-{n} -->\nold\n<!-- /fusion-{n} -->'
                              for n in ('rigs', 'people', 'video')))
    assert cli.main(['evaluate', 'fusion', '--data', str(path), '--seconds', '1', '--crossings',
                     '1', '--device', 'cpu', '--json', str(figures), '--update', str(page)]) == 0
    result = json.loads(figures.read_text())
    assert set(result['rigs']) == set(fused_rigs.CONDITIONS)
    rows = result['rigs']['synchronised']
    assert {f'{m}, {n}' for m in ('fused', 'triangulation', 'mean of skeletons')
            for n in (2, 3, 4)} < set(rows)
    assert rows['fused, 4']['absolute_mm'] < rows['single camera']['absolute_mm']
    assert rows['fused, 4']['mpjpe_mm'] < rows['single camera']['mpjpe_mm']
    assert rows['fused, 4']['people'] < 1.2 and rows['fused, 4']['found_pct'] > 95
    people = result['people']['two']
    assert people['fused']['people'] == 2 and people['fused']['cpu_ms'] > 0
    shown = page.read_text()
    assert shown.count('old') == 1 and '| poses wrong by 1 degree, 2 cm ' in shown
    assert '| CPU ms' in shown


def test_a_person_whom_one_camera_sees_is_no_worse_than_before(path):
    figures = fused_rigs.evaluate_rigs(path, 1.0, 'cpu')['seen by one camera of 4']
    single, fused = figures['single camera'], figures['fused, 4']
    assert fused['mpjpe_mm'] <= single['mpjpe_mm'] + 1
    assert fused['absolute_mm'] <= single['absolute_mm'] + 5


@pytest.mark.parametrize('options', [[], ['--truth', 'x']])
def test_incomplete_options_are_refused(options, capsys):
    assert cli.main(['evaluate', 'fusion', *options]) != 0
    assert '--videos' in capsys.readouterr().err
