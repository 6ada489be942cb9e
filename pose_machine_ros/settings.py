# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Settings that are described where they are declared: at the fields of frozen dataclasses.

A field made by `setting` holds its default and its `Setting`: description, unit and accepted
values. ROS parameters, the parameter file, its documentation, command-line options and error
messages are derived from it. A field made by `group` holds another dataclass of settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from numbers import Integral, Real
from typing import Any

from pose_machine_ros.errors import InputError

_KEY = 'setting'
_KINDS = {bool: (bool, 'true or false'), int: (Integral, 'an integer'), float: (Real, 'a number'),
          str: (str, 'a string'), tuple: ((tuple, list), 'a list of strings')}


@dataclass(frozen=True)
class Setting:
    """A default, its meaning and the values that are accepted in its place.

    Without `bounds` and `choices`, every value of the default's type is accepted.
    """

    default: bool | int | float | str | tuple[str, ...]
    description: str
    unit: str = ''
    bounds: tuple[float, float] | None = None  # inclusive
    step: int = 1  # between accepted integers, from the lower bound on
    choices: tuple[str, ...] | tuple[int, ...] = ()
    zero: str = ''  # meaning of 0 if it is special; 0 is accepted then, also outside the bounds
    dynamic: bool = True  # can be changed while the node runs
    name: str = ''  # full name of the parameter, if it is not that of the group and the field

    @property
    def kind(self) -> type:
        """Type of the value: bool, int, float, str, or tuple for a list of strings.

        A float may be given as an integer.
        """
        return type(self.default)

    def accepted(self, unit: str = '') -> str:
        """Return the accepted values in words, bounds with `unit`; empty if all are accepted."""
        if self.choices:
            return ', '.join(map(str, self.choices))
        if self.bounds is None:
            return ''
        low, high = (f'{bound:g}' for bound in self.bounds)
        steps = f' in steps of {self.step}' if self.step > 1 else ''
        return (f'{low} to {high}{" " if unit else ""}{unit}{steps}'
                + (f'; 0 = {self.zero}' if self.zero else ''))

    @property
    def requirement(self) -> str:
        """Return the accepted values as an error message states them: 'between 0.4 and 2.5 m'."""
        if self.choices:
            return f'one of {", ".join(map(str, self.choices))}'
        if self.bounds is None:
            return _KINDS[self.kind][1]
        low, high = (f'{bound:g}' for bound in self.bounds)
        what = f'a multiple of {self.step} between' if self.step > 1 else 'between'
        return (f'{what} {low} and {high}{self._unit}'
                + (f', or 0 for {self.zero}' if self.zero else ''))

    def check(self, name: str, value: Any) -> None:
        """Raise InputError unless `value` is accepted; `name` is what the user calls it."""
        kind, in_words = _KINDS[self.kind]
        if not isinstance(value, kind) or isinstance(value, bool) and self.kind is not bool \
                or self.kind is tuple and not all(isinstance(text, str) for text in value):
            raise InputError(f'{name} = {value!r} is not {in_words}')
        if not self._accepts(value):
            shown = repr(value) if self.kind is str else f'{value}{self._unit}'
            raise InputError(f'{name} = {shown} is not {self.requirement}')

    @property
    def _unit(self) -> str:
        return f' {self.unit}' if self.unit else ''

    def _accepts(self, value: Any) -> bool:
        if self.choices:
            return value in self.choices
        if self.bounds is None or self.zero and value == 0:
            return True
        low, high = self.bounds
        return low <= value <= high and (self.step == 1 or (value - low) % self.step == 0)


@dataclass(frozen=True)
class Leaf:
    """A setting and its place in a tree of dataclasses."""

    name: str  # of the parameter: its group and the field, dotted
    path: str  # fields from the root of the tree on, dotted
    setting: Setting


def setting(default: Any, description: str, **limits: Any) -> Any:
    """Return a dataclass field with this default; `limits` are the other fields of Setting.

    `description` is a phrase without a full stop at its end.
    """
    return field_of(Setting(default, description, **limits))


def field_of(declared: Setting) -> Any:
    """Return a dataclass field for a setting that is declared elsewhere."""
    return field(default=declared.default, metadata={_KEY: declared})


def group(name: str, config: type) -> Any:
    """Return a dataclass field that holds a `config`, whose parameters are in the group `name`.

    `name` is the full name, such as 'correction.paper'; empty for the group around the field.
    """
    return field(default_factory=config, metadata={_KEY: name})


def setting_of(config: Any, field_name: str) -> Setting:
    """Return the setting at a field of a dataclass or of an instance of it."""
    found, = (f.metadata[_KEY] for f in fields(config) if f.name == field_name)
    return found


def check(config: Any) -> None:
    """Check every setting of a dataclass instance, but not those of its groups.

    Raises InputError with the field, its value and the accepted values.
    """
    for f in fields(config):
        if isinstance(spec := f.metadata[_KEY], Setting):
            spec.check(f.name, getattr(config, f.name))


def leaves(config: type, prefix: str = '', path: str = '') -> Iterator[Leaf]:
    """Yield all settings of a tree of dataclasses, in the order of their fields."""
    for f in fields(config):
        spec = f.metadata[_KEY]
        if isinstance(spec, Setting):
            yield Leaf(spec.name or prefix + f.name, path + f.name, spec)
        else:
            yield from leaves(f.default_factory, f'{spec}.' if spec else prefix,
                              f'{path}{f.name}.')


def build(config: type, values: Mapping[str, Any], path: str = '') -> Any:
    """Return a tree of dataclasses with the values of the given paths; others have defaults.

    Raises InputError for values that the dataclasses refuse.
    """
    given = {}
    for f in fields(config):
        if not isinstance(f.metadata[_KEY], Setting):
            given[f.name] = build(f.default_factory, values, f'{path}{f.name}.')
        elif path + f.name in values:
            given[f.name] = values[path + f.name]
    return config(**given)
