# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Whether the features of the picture tell something: the same clips with other features.

If the gain of the features came from what all pictures have in common, features of other frames or
of other footage would do as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pose_machine_ros.evaluation.clips import Clip
from pose_machine_ros.evaluation.methods import Method
from pose_machine_ros.pose import Appearance

Appearances = list[Appearance | None]


def ablations(method: Method, clips: list[Clip], seed: int = 0) -> dict[str, Method]:
    """Return `method` without features, with those of other frames, and with those of other clips.

    `clips` are all clips, for those of another one; that is left out if there is only one.
    """
    pictured = [clip for clip in clips if clip.has_appearances]

    def shuffled(clip: Clip) -> Appearances:
        order = np.random.default_rng(seed).permutation(len(clip.appearances))
        return [clip.appearances[i] for i in order]

    def of_another(clip: Clip) -> Appearances:
        others = [c.appearances for c in pictured if c.name != clip.name]
        names = [c.name for c in pictured]
        chosen = others[names.index(clip.name) % len(others)]
        return [chosen[i % len(chosen)] for i in range(len(clip.appearances))]

    rows = {'no features': lambda clip: None, 'features of other frames': shuffled}
    if len(pictured) > 1:
        rows['features of another clip'] = of_another
    return {name: _with(method, appearances) for name, appearances in rows.items()}


def _with(method: Method, appearances: Callable[[Clip], Appearances | None]) -> Method:
    """Return `method` for clips with other features."""
    return lambda clips: method([replace(clip, appearances=appearances(clip)) for clip in clips])
