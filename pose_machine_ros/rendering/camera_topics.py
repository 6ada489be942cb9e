# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Names of the topics of one camera and its skeletons."""

from __future__ import annotations

from dataclasses import dataclass

from pose_machine_ros.errors import InputError


@dataclass(frozen=True)
class CameraTopics:
    """Topic names, relative to `namespace` unless they begin with a slash."""

    image: str = 'image'
    camera_info: str = 'camera_info'
    skeletons: str = 'pose_machine/skeletons'
    markers: str | None = None  # None = not shown
    namespace: str = '/'

    def __post_init__(self) -> None:
        for field in ('image', 'camera_info', 'skeletons', 'markers'):
            name = getattr(self, field)
            if name is None:
                continue
            if not name.strip('/'):
                raise InputError(f'topic name {name!r} of {field} is empty')
            if not name.startswith('/'):
                parts = [p for p in (*self.namespace.split('/'), *name.split('/')) if p]
                object.__setattr__(self, field, '/' + '/'.join(parts))
