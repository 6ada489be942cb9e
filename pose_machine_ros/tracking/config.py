# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Settings of the tracker; importing them is cheap."""

from __future__ import annotations

from dataclasses import dataclass

from pose_machine_ros.settings import check, setting


@dataclass(frozen=True)
class TrackingConfig:
    """How people are tracked."""

    max_people: int = setting(
        6, 'Maximum number of people tracked at the same time. A person who is clearly nearer '
        'replaces the furthest one', bounds=(1, 100), name='max_people')
    detect_interval: float = setting(
        0.5, 'Time between two searches for new people. A slow machine searches less often',
        unit='s', bounds=(0.0, 60.0), name='detect_interval')
    search_interval: float = setting(
        0.2, 'Time between two searches for people while no person is visible, or after a track '
        'ended', unit='s', bounds=(0.0, 60.0))
    crop_margin: float = setting(
        1.25, 'Side of the square crop that the 2D network sees, relative to the bounding box of '
        'the person', bounds=(1.0, 4.0))
    min_confidence: float = setting(
        0.3, 'A tracked person with a lower confidence counts as not seen', bounds=(0.0, 1.0))
    new_confidence: float = setting(
        0.4, 'Confidence that a new person needs', bounds=(0.0, 1.0))
    max_age: float = setting(
        1.0, 'Time for which a person is kept without being seen', unit='s', bounds=(0.0, 60.0))
    min_size: int = setting(
        32, 'Minimum size of the bounding box of a new person', unit='px', bounds=(1, 10000))

    def __post_init__(self) -> None:
        check(self)
