# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The documents name what is there: files, commands with their options, parameters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
import re

import pytest

from pose_machine_ros import cli
from pose_machine_ros.ros.parameters import SETTINGS
from pose_machine_ros.ros.tools.parameter_table import parameter_table

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob('*.md'), *(ROOT / 'docs').glob('*.md'),
                    *(ROOT / 'resource').rglob('*.md')])
PARAMETERS = {s.name for s in SETTINGS}
LAUNCH_FILES = {path.name: path.read_text() for path in (ROOT / 'launch').glob('*.launch.py')}
FOLDERS = ('config', 'docs', 'examples', 'launch', 'test', 'pose_machine_ros', 'resource',
           'pose_machine_msgs/msg')


def in_documents(pattern: str) -> Iterator[tuple[Path, re.Match]]:
    """Yield every place in the documents that matches."""
    for path in DOCUMENTS:
        text = re.sub(r'\\\n\s*', ' ', path.read_text())  # commands that go on in the next line
        for match in re.finditer(pattern, text, re.MULTILINE):
            yield path, match


def anchors(path: Path) -> set[str]:
    """Return what GitHub calls the headings of a document."""
    headings = re.findall(r'^#+ (.*)$', path.read_text(), re.MULTILINE)
    return {re.sub(r'[^\w\- ]', '', h.lower()).replace(' ', '-') for h in headings}


def test_every_link_leads_somewhere() -> None:
    broken = []
    for path, match in in_documents(r'\]\(([^)\s]+)\)'):
        target, _, anchor = match[1].partition('#')
        if re.match(r'https?:|mailto:', target):
            continue
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or anchor and anchor not in anchors(file):
            broken.append((path.name, match[1]))
    assert not broken


def test_every_file_named_is_there() -> None:
    absent = {(path.name, match[1]) for path, match in
              in_documents(rf'`((?:{"|".join(FOLDERS)})/[\w./-]+)(?:::\w+)?`')
              if not (ROOT / match[1]).exists()}
    assert not absent


def test_the_table_of_parameters_is_that_of_the_node() -> None:
    assert (ROOT / 'docs' / 'parameters.md').read_text() == parameter_table(), (
        'run: python -m pose_machine_ros.ros.tools.parameter_table > docs/parameters.md')


def test_the_node_says_what_the_fault_table_quotes() -> None:
    source = ''.join(path.read_text() for path in (ROOT / 'pose_machine_ros').rglob('*.py'))
    source = re.sub(r"'\s*\n\s*f?'", '', source)  # strings that go on in the next line
    quoted = [match[1] for path, match in in_documents(r'log: `([^`]+)`')]
    assert len(quoted) > 5
    pieces = [piece.strip(' :,') for quote in quoted for piece in quote.split('...')]
    assert not [piece for piece in pieces if piece not in source]


def test_every_parameter_named_is_one() -> None:
    groups = {name.split('.')[0] for name in PARAMETERS if '.' in name}
    named = [(path.name, match[1]) for pattern in (
        rf'`((?:{"|".join(groups)})\.[a-z_.0-9]+)(?:[: =][^`]*)?`',
        r'ros2 param (?:set|get|describe) /\S*pose_machine ([\w.]+)')
        for path, match in in_documents(pattern)]
    assert len(named) > 10
    assert not {(path, name) for path, name in named if name not in PARAMETERS
                and not re.search(r'\.(md|mp4|npz|py|safetensors|xml|yaml)$', name)}


def test_every_launch_argument_named_is_one() -> None:
    named = list(in_documents(r'ros2 launch pose_machine_ros (\S+)([^\n`]*)'))
    assert len(named) > 1
    for path, match in named:
        assert match[1] in LAUNCH_FILES, path
        for argument in re.findall(r'(\w+):=', match[2]):
            assert any(f"'{argument}'" in text for text in LAUNCH_FILES.values()), (path, argument)


def test_every_executable_named_is_one() -> None:
    executables = {path.name for path in (ROOT / 'resource' / 'executables').iterdir()}
    assert not {(path.name, match[1]) for path, match in
                in_documents(r'ros2 run pose_machine_ros (\w+)') if match[1] not in executables}


def test_every_command_and_option_named_is_one(capsys: pytest.CaptureFixture) -> None:
    named = list(in_documents(r'(?:pose-machine|pose_machine_ros\.cli) ([a-z][\w-]*)([^\n`|#]*)'))
    assert len(named) > 10
    for path, match in named:
        text = _help([match[1]], capsys)
        for kind in re.findall(r'^    ([a-z][\w-]*)', text, re.MULTILINE):  # a command below it
            text += _help([match[1], kind], capsys)
        for option in re.findall(r'(?<!\S)\[?(--[\w-]+)', match[2]):
            assert option in text, (path.name, match[0])


@pytest.mark.parametrize('document', ['README.md', 'docs/installation.md'])
def test_rosdep_and_pip_together_bring_all_that_is_needed(document: str) -> None:
    setup = (ROOT / 'setup.py').read_text()
    block = re.search(r'install_requires=\[(.*?)\n    \]', setup, re.DOTALL)
    needed = {re.match(r'[\w-]+', line.strip(" '"))[0] for line in block[1].split('\n') if line}
    from_rosdep = set(re.findall(r'>python3-(\w+)<', (ROOT / 'package.xml').read_text()))
    command = re.search(r'^pip install colcon.*$', (ROOT / document).read_text(), re.MULTILINE)[0]
    from_pip = set(re.findall(r"[ ']([a-z][\w-]*)", command))
    called = {'opencv-python-headless': 'opencv', 'pillow': 'pil', 'pyyaml': 'yaml'}
    assert {called.get(name, name) for name in needed} <= from_rosdep | from_pip


def _help(words: list[str], capsys: pytest.CaptureFixture) -> str:
    with pytest.raises(SystemExit) as stopped:
        cli.main([*words, '--help'])
    said = capsys.readouterr()
    assert stopped.value.code == 0, f'pose-machine {" ".join(words)}: {said.err}'
    return said.out
