# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Style of the docstrings, by ament_pep257."""

from __future__ import annotations

from pathlib import Path

from ament_pep257.main import main
import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ('examples', 'launch', 'pose_machine_ros', 'test')


@pytest.mark.linter
@pytest.mark.pep257
def test_pep257(
        caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level('ERROR', 'pydocstyle.utils')  # it logs the name of every file
    # D213 wants the summary on the second line of the docstring; here it is on the first.
    status = main(argv=['--add-ignore', 'D213', '--', str(ROOT / 'setup.py'),
                        *(str(ROOT / folder) for folder in FOLDERS)])
    output = capfd.readouterr()
    assert status == 0, '\n'.join(line for line in (output.out + output.err).splitlines()
                                  if not line.startswith('checking'))
