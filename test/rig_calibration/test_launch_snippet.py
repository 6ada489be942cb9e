# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
import re

import pytest
from support.walked_rigs import camera_pose, see

from pose_machine_ros.rig_calibration.calibration import calibrate_rig
from pose_machine_ros.rig_calibration.config import RigCalibrationConfig
from pose_machine_ros.rig_calibration.launch_snippet import write_launch_file


def written(path: Path, *names: str, offset: float = 0.0, max_offset: float = 0.0) -> str:
    """Return the launch file of two cameras, the second of which has a clock of its own."""
    cameras = [see(names[0], camera_pose(0)), see(names[1], camera_pose(70), offset=offset)]
    write_launch_file(calibrate_rig(cameras, RigCalibrationConfig(max_offset)), path)
    return path.read_text()


def comments_of(text: str) -> str:
    return ' '.join(line.strip('# ') for line in text.splitlines() if line.startswith('#'))


@pytest.mark.parametrize('name', ['2nd', '/left/pose_machine', 'küche', 'a b'])
def test_names_of_nodes_are_valid(tmp_path: Path, name: str) -> None:
    text = written(tmp_path / 'rig.launch.py', name, 'right')
    nodes = re.findall(r"\bname='([^']*)'", text)
    assert len(set(nodes)) == 2
    assert all(re.fullmatch('[a-zA-Z_][a-zA-Z0-9_]*', node) for node in nodes), nodes


def test_it_says_what_it_cannot_do(tmp_path: Path) -> None:
    text = written(tmp_path / 'rig.launch.py', 'left', 'right', offset=0.4, max_offset=2.0)
    compile(text, 'rig.launch.py', 'exec')
    assert 'two parents' in comments_of(text)
    offsets = 'no time offset, and these cameras have one'
    assert f'{offsets}, which the YAML file holds: right.' in comments_of(text)
    assert offsets not in comments_of(written(tmp_path / 'same.launch.py', 'left', 'right'))
