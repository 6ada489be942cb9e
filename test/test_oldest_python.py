# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Humble has Python 3.10: no newer syntax, and nothing that newer standard libraries brought."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [ROOT / 'setup.py', *(path for folder in ('pose_machine_ros', 'launch', 'examples', 'test')
                              for path in sorted((ROOT / folder).rglob('*.py')))]
OLDEST = (3, 10)
# Of later versions, as far as they are likely to be used
NEWER = {
    'asyncio.TaskGroup', 'asyncio.timeout', 'contextlib.chdir', 'datetime.UTC', 'enum.StrEnum',
    'enum.verify', 'inspect.getmembers_static', 'itertools.batched', 'math.cbrt', 'math.exp2',
    'math.sumprod', 'operator.call', 'tomllib', 'typing.LiteralString', 'typing.Never',
    'typing.NotRequired', 'typing.Required', 'typing.Self', 'typing.TypeVarTuple',
    'typing.Unpack', 'typing.assert_never', 'typing.assert_type', 'typing.override',
    'typing.reveal_type', 'warnings.deprecated'}


def newer(source: str) -> set[str]:
    """Return what a Python source takes from standard libraries that are too new."""
    tree = ast.parse(source, feature_version=OLDEST)
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f'{node.module}.{a.name}' for a in node.names)}
        elif isinstance(node, ast.Attribute):
            names.add(ast.unparse(node))
    return names & NEWER


def test_every_file_is_for_the_oldest_python() -> None:
    assert len(FILES) > 200
    found = {}
    for path in FILES:
        try:
            found[path.name] = newer(path.read_text())
        except SyntaxError as error:
            found[path.name] = {str(error)}
    assert not {name: what for name, what in found.items() if what}


def test_that_python_is_the_one_that_setup_asks_for() -> None:
    assert f"python_requires='>={OLDEST[0]}.{OLDEST[1]}'" in (ROOT / 'setup.py').read_text()


@pytest.mark.parametrize('source', [
    'from enum import StrEnum', 'import tomllib', 'import datetime\ndatetime.UTC',
    'from typing import Self'])
def test_the_search_finds_newer_libraries(source: str) -> None:
    assert newer(source)


@pytest.mark.parametrize('source', ['try: pass\nexcept* OSError: pass', 'type A = int'])
def test_the_search_finds_newer_syntax(source: str) -> None:
    with pytest.raises(SyntaxError):
        newer(source)
