# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the documents name exists: files, rooms, commands with options, parameters, log lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
import re

import pytest

from pose_machine_ros import cli
from pose_machine_ros.ros import fusion_parameters
from pose_machine_ros.ros.parameters import NAMES
from pose_machine_ros.ros.runtime.launch_arguments import NODE_ARGUMENTS
from pose_machine_ros.ros.tools.parameter_table import parameter_table

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / 'pose_machine_ros'
DOCUMENTS = sorted([*ROOT.glob('*.md'), *(ROOT / 'docs').glob('*.md'),
                    *(ROOT / 'resource').rglob('*.md'), ROOT / 'test' / 'data' / 'README.md'])
COLUMNS = 100
PARAMETERS = {*NAMES, *fusion_parameters.NAMES}
LAUNCH_FILES = {path.name: path.read_text() for path in (ROOT / 'launch').glob('*.launch.py')}
LAUNCH_ARGUMENTS = {name for text in LAUNCH_FILES.values()
                    for name in re.findall(r"^    \('(\w+)', ", text, re.MULTILINE)}
LAUNCH_ARGUMENTS |= {'file', *(name for name, _, _ in NODE_ARGUMENTS)}
FOLDERS = ('config', 'docs', 'examples', 'launch', 'test', 'pose_machine_ros', 'resource',
           'pose_machine_msgs/msg')


def in_documents(pattern: str) -> Iterator[tuple[Path, re.Match]]:
    """Yield every place in the documents that matches."""
    for path in DOCUMENTS:
        text = re.sub(r'\\\n\s*', ' ', path.read_text())  # commands that continue on the next line
        for match in re.finditer(pattern, text, re.MULTILINE):
            yield path, match


def prose_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number and text of each line outside of code blocks and tables."""
    is_code = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        is_fence = line.lstrip().startswith('```')
        is_code ^= is_fence
        if not is_code and not is_fence and not line.startswith('|'):
            yield number, line


def headings(path: Path) -> list[tuple[int, str]]:
    """Return level and text of each heading."""
    return [(len(match[1]), match[2]) for _, line in prose_lines(path)
            if (match := re.match(r'(#+) (.*)$', line))]


def rooms() -> set[str]:
    """Return the folders of the package that have modules, and of those in `ros/`."""
    return {f'{path.parent.relative_to(PACKAGE)}/' for pattern in ('*', 'ros/*')
            for path in PACKAGE.glob(f'{pattern}/__init__.py')}


def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a document."""
    return {re.sub(r'[^\w\- ]', '', h.lower()).replace(' ', '-') for _, h in headings(path)}


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


def test_every_file_named_exists() -> None:
    absent = {(path.name, match[1]) for path, match in
              in_documents(rf'`((?:{"|".join(FOLDERS)})/[\w./-]+)(?:::\w+)?`')
              if not (ROOT / match[1]).exists()}
    assert not absent


def test_the_parameter_table_is_up_to_date() -> None:
    assert (ROOT / 'docs' / 'parameters.md').read_text() == parameter_table(), (
        'run: python -m pose_machine_ros.ros.tools.parameter_table > docs/parameters.md')


def test_the_node_logs_what_the_fault_table_quotes() -> None:
    source = ''.join(path.read_text() for path in PACKAGE.rglob('*.py'))
    source = re.sub(r"'\s*\n\s*f?'", '', source)  # strings that continue on the next line
    spans = [match[1] for _, match in in_documents(
        r'(?:log|`/diagnostics`): (`[^`]+`(?:, `[^`]+`)*)')]
    quoted = [quote for span in spans for quote in re.findall(r'`([^`]+)`', span)]
    assert len(quoted) > 20
    # A colon joins messages from different places; `...` stands for values.
    messages = [message for quote in quoted for message in quote.split(': ')]
    patterns = ['.{0,120}?'.join(map(re.escape, message.split('...'))) for message in messages]
    assert not [pattern for pattern in patterns if not re.search(pattern, source)]


def test_every_value_of_the_diagnostics_is_described() -> None:
    page = (ROOT / 'docs' / 'topics.md').read_text()
    table = re.search(r'^\| value \| meaning \|\n(.*?)\n\n', page, re.MULTILINE | re.DOTALL)[1]
    named = {name for row in table.split('\n')[1:] for name in re.findall('`([^`]+)`', row)}
    source = ''.join((PACKAGE / 'ros' / name).read_text() for name in (
        'health/diagnostics.py', 'node.py'))
    values = re.search(r'values = \{(.*?)\*\*', source, re.DOTALL)[1]
    details = re.search(r'NodeHealth\(\n.*?\{(.*?)\},', source, re.DOTALL)[1]
    published = set(re.findall(r"'([^']+)': ", values + details))
    assert published - named == set()
    assert not [name for name in named - published if name not in PARAMETERS]


def test_the_readme_is_short() -> None:
    assert len((ROOT / 'README.md').read_text().splitlines()) <= 90


@pytest.mark.parametrize('document', [*DOCUMENTS, ROOT / 'CHANGELOG.rst'],
                         ids=lambda path: str(path.relative_to(ROOT)))
def test_prose_is_wrapped(document: Path) -> None:
    long = [number for number, line in prose_lines(document) if len(line) > COLUMNS]
    assert not long


@pytest.mark.parametrize('document', DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_are_well_formed(document: Path) -> None:
    levels = [level for level, _ in headings(document)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert not [pair for pair in zip(levels, levels[1:]) if pair[1] > pair[0] + 1]
    assert document.read_text().count('```') % 2 == 0
    for table in re.findall(r'(?:^\|.*\n)+', document.read_text(), re.MULTILINE):
        columns = {len(re.findall(r'(?<!\\)\|', row)) for row in table.splitlines()}
        assert len(columns) == 1, table
        assert re.fullmatch(r'\|(?: *:?-+:? *\|)+', table.splitlines()[1]), table


def test_the_architecture_names_every_room_and_no_other() -> None:
    page = (ROOT / 'docs' / 'architecture.md').read_text()
    described = re.findall(r'^\*\*`([\w/]+/)`\*\*', page, re.MULTILINE)
    assert len(described) == len(set(described))
    assert set(described) == rooms()


def test_the_architecture_names_modules_that_exist() -> None:
    page = (ROOT / 'docs' / 'architecture.md').read_text()
    named = set(re.findall(r'`([\w/]+\.py)`', page))
    modules = [path.as_posix() for path in [*PACKAGE.rglob('*.py'), *ROOT.glob('test/**/*.py')]]
    assert len(named) > 10
    assert not {name for name in named if not any(m.endswith(f'/{name}') for m in modules)}
    assert not {path.name for path in PACKAGE.glob('*.py')} - {'__init__.py'} - named


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
            assert argument in LAUNCH_ARGUMENTS, (path, argument)


def test_every_setting_that_looks_like_a_launch_argument_is_one() -> None:
    """`ros2 launch` ignores others; a parameter is given with -p or in a file."""
    named = [(path.name, match[1]) for path, match in in_documents(r'`([\w.]+):=[^`]*`')]
    assert named
    assert not {(path, name) for path, name in named if name not in LAUNCH_ARGUMENTS}


def test_every_executable_named_is_one() -> None:
    executables = {path.name for path in (ROOT / 'resource' / 'executables').iterdir()}
    assert not {(path.name, match[1]) for path, match in
                in_documents(r'ros2 run pose_machine_ros ([\w-]+)')
                if match[1] not in executables | {'pose-machine'}}


def test_every_command_and_option_named_is_one(capsys: pytest.CaptureFixture) -> None:
    named = list(in_documents(r'(?:pose-machine|pose_machine_ros\.cli) ([a-z][\w-]*)([^\n`|#]*)'))
    assert len(named) > 10
    for path, match in named:
        text = _help([match[1]], capsys)
        for kind in re.findall(r'^    ([a-z][\w-]*)', text, re.MULTILINE):  # a subcommand
            text += _help([match[1], kind], capsys)
        for option in re.findall(r'(?<!\S)\[?(--[\w-]+)', match[2]):
            assert option in text, (path.name, match[0])


def test_rosdep_and_pip_together_install_all_that_is_needed() -> None:
    page = (ROOT / 'docs' / 'installation.md').read_text()
    setup = (ROOT / 'setup.py').read_text()
    block = re.search(r'install_requires=\[(.*?)\n    \]', setup, re.DOTALL)
    needed = {re.match(r'[\w-]+', line.strip(" '"))[0] for line in block[1].split('\n') if line}
    from_rosdep = set(re.findall(r'>python3-(\w+)<', (ROOT / 'package.xml').read_text()))
    command = re.search(r'^pip install colcon.*$', page, re.MULTILINE)[0]
    from_pip = set(re.findall(r"[ ']([a-z][\w-]*)", command))
    called = {'opencv-python-headless': 'opencv', 'pillow': 'pil', 'pyyaml': 'yaml'}
    assert {called.get(name, name) for name in needed} <= from_rosdep | from_pip


def _help(words: list[str], capsys: pytest.CaptureFixture) -> str:
    with pytest.raises(SystemExit) as stopped:
        cli.main([*words, '--help'])
    said = capsys.readouterr()
    assert stopped.value.code == 0, f'pose-machine {" ".join(words)}: {said.err}'
    return said.out
