# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Style of the code, by ament_flake8 with the configuration in setup.cfg."""

from __future__ import annotations

from pathlib import Path

from ament_flake8.main import main_with_errors
import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ('examples', 'launch', 'pose_machine_ros', 'test')


@pytest.mark.flake8
@pytest.mark.linter
def test_flake8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / 'launch')  # it searches all of the current folder for AMENT_IGNORE
    status, errors = main_with_errors(argv=[
        '--config', str(ROOT / 'setup.cfg'), str(ROOT / 'setup.py'),
        *(str(ROOT / folder) for folder in FOLDERS)])
    assert status == 0, '\n'.join(errors)
