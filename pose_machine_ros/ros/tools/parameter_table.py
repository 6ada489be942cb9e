# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The page docs/parameters.md: `python -m pose_machine_ros.ros.tools.parameter_table` prints it."""

from __future__ import annotations

from pose_machine_ros.ros.parameters import flatten, NodeConfig, Setting, SETTINGS

_HEAD = """# Parameters of pose_machine_node

Those marked * can be changed while the node is running (`ros2 param set`), between two frames; the
others are read at its start. A value of another type, outside its range or not among the choices is
refused with the reason, and the old one stays. As a file to start from:
[config/pose_machine.yaml](../config/pose_machine.yaml). What to turn for which goal:
[tuning.md](tuning.md).

Written by `python -m pose_machine_ros.ros.tools.parameter_table > docs/parameters.md`.

| parameter | | default | range | what |
|---|---|---|---|---|
"""


def parameter_table() -> str:
    """Return the page, Markdown."""
    defaults = flatten(NodeConfig())
    return _HEAD + ''.join(_row(s, defaults[s.path]) for s in SETTINGS)


def _row(setting: Setting, default: object) -> str:
    span = ', '.join(f'`{c}`' for c in setting.choices)
    if setting.range:
        span = f'{setting.range[0]:g} to {setting.range[1]:g}'
    if setting.step > 1:
        span = ', '.join(map(str, range(setting.range[0], setting.range[1] + 1, setting.step)))
    value = str(default).lower() if isinstance(default, bool) else default
    return (f'| `{setting.name}` | {"*" if setting.dynamic else ""} | '
            f'{f"`{value}`" if value != "" else "empty"} | {span} | {setting.description} |\n')


if __name__ == '__main__':
    print(parameter_table(), end='')
