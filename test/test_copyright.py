# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every source file begins with the copyright and the licence.

ament_copyright recognizes a licence by its full notice only. Here it gets the SPDX line as another
notice of Apache-2.0. PyPI does not carry ament_copyright; without it, `test_headers` still checks
the same files.
"""

from __future__ import annotations

from collections.abc import Iterator
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEADER = """# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
# Those of ament_copyright that occur here
SUFFIXES = ('.cmake', '.py')


def source_files() -> Iterator[Path]:
    """Yield what ament_copyright checks: it skips folders that begin with a dot or underscore."""
    for folder, inner, names in os.walk(ROOT):
        built = {'build', 'install', 'log'} if Path(folder) == ROOT else set()
        inner[:] = [name for name in inner if name[0] not in '._' and name not in built]
        yield from (Path(folder, name) for name in names if name.endswith(SUFFIXES))


@pytest.mark.copyright
@pytest.mark.linter
def test_headers() -> None:
    files = list(source_files())
    assert {ROOT / 'setup.py', Path(__file__)} < set(files)
    wrong = []
    for path in files:
        text = path.read_text()
        if text.startswith('#!'):
            text = text.partition('\n')[2]
        if text and not text.startswith(HEADER):
            wrong.append(str(path.relative_to(ROOT)))
    assert not wrong


@pytest.mark.copyright
@pytest.mark.linter
def test_copyright(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip('ament_copyright', reason='ament_copyright is not installed')
    from ament_copyright import get_licenses, main, parser
    licenses = get_licenses()
    with_spdx = licenses['apache2']._replace(
        file_headers=['{copyright}\n' + HEADER.splitlines()[1].lstrip('# ')])
    monkeypatch.setattr(parser, 'get_licenses', lambda: {**licenses, 'apache2': with_spdx})
    status = main.main(argv=[str(path) for path in (
        *source_files(), ROOT / 'CONTRIBUTING.md', ROOT / 'LICENSE')])
    assert status == 0, capfd.readouterr().err
