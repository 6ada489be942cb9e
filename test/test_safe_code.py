# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Nothing in the package runs code that comes from outside: no pickle, no eval, no shell."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(path for folder in ('pose_machine_ros', 'launch', 'examples')
               for path in (ROOT / folder).rglob('*.py'))
MODULES = {'pickle', 'cPickle', 'dill', 'cloudpickle', 'joblib', 'shelve', 'marshal'}
CALLS = {'eval', 'exec', 'compile', '__import__', 'os.system', 'os.popen', 'yaml.load',
         'yaml.full_load', 'yaml.unsafe_load', 'subprocess.getoutput',
         'subprocess.getstatusoutput'}
# These are dangerous with their default options
NEEDED = {'torch.load': ('weights_only', True), 'np.load': ('allow_pickle', False),
          'numpy.load': ('allow_pickle', False)}


def dangers(source: str) -> list[str]:
    """Return what in a Python source could run code from outside."""
    found = []
    for node in ast.walk(ast.parse(source)):
        modules = [a.name for a in node.names] if isinstance(node, ast.Import) else \
            [node.module or ''] if isinstance(node, ast.ImportFrom) else []
        found += [m for m in modules if m.split('.')[0] in MODULES]
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        given = {k.arg: ast.unparse(k.value) for k in node.keywords}
        if name in CALLS or given.get('shell', 'False') != 'False':
            found.append(name)
        if name in NEEDED:
            keyword, value = NEEDED[name]
            if given.get(keyword) != str(value):
                found.append(f'{name} without {keyword}={value}')
    return found


def test_nothing_from_outside_is_run() -> None:
    assert len(FILES) > 80
    assert not {path: found for path in FILES if (found := dangers(path.read_text()))}


@pytest.mark.parametrize('source', [
    'import pickle', 'from pickle import loads', 'eval(text)', 'os.system(text)',
    'subprocess.run(text, shell=True)', 'yaml.load(text, Loader=yaml.Loader)', 'torch.load(path)',
    'torch.load(path, weights_only=False)', 'np.load(path, allow_pickle=True)'])
def test_the_search_finds_what_it_looks_for(source: str) -> None:
    assert dangers(source)


@pytest.mark.parametrize('source', [
    'model.eval()', 'yaml.safe_load(text)', 'torch.load(path, weights_only=True)',
    'np.load(path, allow_pickle=False)', 'subprocess.run([program])'])
def test_the_search_lets_safe_code_be(source: str) -> None:
    assert not dangers(source)
