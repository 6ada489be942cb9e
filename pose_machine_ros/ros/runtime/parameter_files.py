# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Parameter files, as `--params-file` takes them.

rcl reads them for the nodes. This module checks them before, to report errors in one line, and to
report what rcl does not: that a file is for other nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
import re

import yaml

from pose_machine_ros.errors import InputError
from pose_machine_ros.spelling import nearest

_PARAMETERS = 'ros__parameters'
_SHAPE = f'write it in three lines: "/**:", "  {_PARAMETERS}:", "    NAME: VALUE"'


@dataclass(frozen=True)
class ParameterFile:
    """A parameter file and the names of the nodes that it is for."""

    path: Path
    sections: tuple[str, ...]  # names of nodes, with wildcards: /pose_machine, /front/**

    @classmethod
    def read(cls, path: Path) -> ParameterFile:
        """Read the names; raises InputError for a file that is missing or not a parameter file."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f'the parameter file {path} cannot be read: {error.strerror}; give '
                             'another path after --params-file') from error
        try:
            return cls(path, tuple(_sections_of(content)))
        except InputError as error:
            raise InputError(f'{path} is not a parameter file: {error}; {_SHAPE}') from error

    def is_for(self, full_name: str) -> bool:
        """Return whether a section is for the node with this full name, like /front/pose_machine.

        In the name of a section `*` stands for one name, and `**` for any number of names.
        """
        return any(re.fullmatch(_pattern(section), full_name) for section in self.sections)


def parameter_files(args: Sequence[str]) -> list[ParameterFile]:
    """Return the parameter files of command line arguments; raises InputError as `read` does.

    Pipes are left out: they can be read only once, and rcl has to read them.
    """
    paths = [Path(argument) for argument in _paths_in(args)]
    return [ParameterFile.read(p) for p in paths if p.is_file() or p.is_dir() or not p.exists()]


def _paths_in(args: Sequence[str]) -> Iterator[str]:
    is_for_ros = False
    for option, value in zip(args, args[1:]):
        if option in ('--ros-args', '--'):
            is_for_ros = option == '--ros-args'
        elif is_for_ros and option == '--params-file':
            yield value


def _pattern(section: str) -> str:
    """Return the regular expression of the full names that match a section, as in rcl."""
    name = section if section.startswith('/') else f'/{section}'
    return name.replace('/**', r'(/\w+)*').replace('/*', r'(/\w+)')


def _sections_of(content: bytes) -> Iterator[str]:
    """Yield the names of the nodes; raises InputError with the line of a mistake."""
    try:
        for token in yaml.scan(content):
            if isinstance(token, yaml.AliasToken):  # rcl does not support them; they can be cyclic
                raise InputError(f'line {_line(token)} has an alias (*{token.value}), which ROS '
                                 'does not support')
        for document in yaml.compose_all(content, Loader=yaml.SafeLoader):
            if not isinstance(document, yaml.MappingNode):
                raise InputError(f'line {_line(document)} names no node')
            yield from _sections_below(document, ())
    except yaml.MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        raise InputError(f'line {where.line + 1} is not valid YAML ({error.problem})') from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f'it is not valid YAML ({" ".join(str(error).split())})') from error


def _sections_below(mapping: yaml.MappingNode, names: tuple[str, ...]) -> Iterator[str]:
    for key, value in mapping.value:
        if key.value == _PARAMETERS:
            if not names:
                raise InputError(f'line {_line(key)} has {_PARAMETERS} without the name of a node')
            if isinstance(value, yaml.ScalarNode):
                raise InputError(f'line {_line(key)} has {_PARAMETERS} without parameters below it')
            yield '/'.join(names)
        elif isinstance(value, yaml.MappingNode):
            yield from _sections_below(value, (*names, str(key.value)))
        else:
            meant = next((n for n in names if nearest(n, [_PARAMETERS])), None)
            fix = f' (write {_PARAMETERS!r} instead of {meant!r})' if meant else ''
            raise InputError(f'line {_line(key)} has {key.value!r} outside of '
                             f'{_PARAMETERS}{fix}')


def _line(place: yaml.Token | yaml.Node) -> int:
    return place.start_mark.line + 1
