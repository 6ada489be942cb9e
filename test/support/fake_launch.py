# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A fake of the packages launch and launch_ros, which PyPI does not carry; for launch files.

It has what the launch files of this package use, and what the tests ask of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
import importlib.util
import sys
from types import ModuleType
from typing import Any

import pytest


class LaunchContext:
    """The values of launch arguments, by name."""

    def __init__(self) -> None:
        self.launch_configurations: dict[str, str] = {}


class Entity:
    """What a launch description lists."""

    def visit(self, context: LaunchContext) -> Sequence[Entity]:
        """Do what the entity does, and return the entities that come of it."""
        return ()


class LaunchDescription(Entity):
    """A list of entities."""

    def __init__(self, entities: Sequence[Entity]) -> None:
        self.entities = list(entities)

    def visit(self, context: LaunchContext) -> Sequence[Entity]:
        return self.entities

    def get_launch_arguments(self) -> list[DeclareLaunchArgument]:
        """Return the declared arguments, also those of included launch files."""
        found: list[DeclareLaunchArgument] = []
        for entity in self.entities:
            if isinstance(entity, DeclareLaunchArgument):
                found.append(entity)
            elif isinstance(entity, IncludeLaunchDescription):
                found += entity.description.get_launch_arguments()
        return found


class DeclareLaunchArgument(Entity):
    """An argument; sets its default value, and refuses a value that is not a choice."""

    def __init__(self, name: str, *, default_value: str | None = None, description: str = '',
                 choices: Sequence[str] | None = None) -> None:
        self.name = name
        self.default_value = default_value
        self.description = description
        self.choices = choices

    def visit(self, context: LaunchContext) -> Sequence[Entity]:
        given = context.launch_configurations
        if self.name not in given:
            if self.default_value is None:
                raise RuntimeError(f'required argument {self.name} is missing')
            given[self.name] = self.default_value
        if self.choices and given[self.name] not in self.choices:
            raise RuntimeError(f'argument {self.name} is {given[self.name]}, not one of '
                               f'{self.choices}')
        return ()


class OpaqueFunction(Entity):
    """A function that returns entities."""

    def __init__(self, *, function: Callable[[LaunchContext], Sequence[Entity]]) -> None:
        self.function = function

    def visit(self, context: LaunchContext) -> Sequence[Entity]:
        return self.function(context)


class IncludeLaunchDescription(Entity):
    """Another launch file."""

    def __init__(self, path: str) -> None:
        self.description = load(path)

    def visit(self, context: LaunchContext) -> Sequence[Entity]:
        return [self.description]


class Shutdown(Entity):
    """The end of the launch."""

    def __init__(self, *, reason: str) -> None:
        self.reason = reason


class Node(Entity):
    """A node; refuses an argument that launch_ros of Humble does not take."""

    def __init__(self, *, package: str, executable: str, name: str = '', namespace: str = '',
                 parameters: Sequence[Any] = (), remappings: Sequence[tuple[str, str]] = (),
                 arguments: Sequence[str] = (), ros_arguments: Sequence[str] = (),
                 output: str = 'log', additional_env: dict[str, str] | None = None,
                 respawn: bool = False, respawn_delay: float | None = None,
                 on_exit: Entity | None = None) -> None:
        pass


def load(path: str) -> LaunchDescription:
    """Return the launch description of a Python launch file."""
    spec = importlib.util.spec_from_file_location('launch_file', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.generate_launch_description()


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make these classes what `import launch` and `import launch_ros` find."""
    contents = {
        'launch': {'LaunchContext': LaunchContext, 'LaunchDescription': LaunchDescription,
                   'LaunchDescriptionEntity': Entity},
        'launch.actions': {
            action.__name__: action for action in (
                DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction, Shutdown)},
        'launch.launch_description_sources': {
            'PythonLaunchDescriptionSource': str,
            'get_launch_description_from_python_launch_file': load},
        'launch_ros': {},
        'launch_ros.actions': {'Node': Node},
    }
    for name, content in contents.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
