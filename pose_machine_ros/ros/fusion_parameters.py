# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The parameters of the fusion node, one for each setting of FusionNodeConfig."""

from __future__ import annotations

from dataclasses import dataclass

from pose_machine_ros.errors import InputError
from pose_machine_ros.fusion.config import FusionConfig
from pose_machine_ros.fusion.rounds import MAX_GAP, WAIT
from pose_machine_ros.ros.health.diagnostics import DiagnosticsConfig
from pose_machine_ros.ros.output.outputs import OutputConfig
from pose_machine_ros.settings import check, group, leaves, setting


@dataclass(frozen=True)
class FusionNodeConfig:
    """All settings of the fusion node."""

    inputs: tuple[str, ...] = setting(
        ('/left/pose_machine/skeletons', '/right/pose_machine/skeletons'),
        'Topics of the skeletons of single cameras, pose_machine_msgs/Skeleton3DArray',
        dynamic=False)
    target_frame: str = setting(
        '', 'Frame of the results, such as map. It has to be set. TF or extrinsics has the poses '
        'of the cameras in it', dynamic=False)
    extrinsics: str = setting(
        '', 'YAML file with the poses of the cameras in target_frame; empty = from TF',
        dynamic=False)
    wait: float = setting(
        WAIT, 'Longest time that the skeletons of one camera wait for those of the others',
        unit='s', bounds=(0.0, 0.5), dynamic=False)
    max_gap: float = setting(
        MAX_GAP, 'A camera that delivers nothing for this time is not waited for; one whose stamps '
        'jump by more starts anew', unit='s', bounds=(0.01, 60.0), dynamic=False)
    fusion: FusionConfig = group('fusion', FusionConfig)
    diagnostics: DiagnosticsConfig = group('diagnostics', DiagnosticsConfig)
    outputs: OutputConfig = group('', OutputConfig)
    lazy: bool = setting(
        False, 'Take skeletons only while a result other than /tf has a subscriber; lazy pose '
        'nodes then rest too')
    autostart: bool = setting(
        True, 'Configure and activate at start; false leaves this to a lifecycle manager',
        dynamic=False)

    def __post_init__(self) -> None:
        check(self)
        if not self.target_frame:
            raise InputError('target_frame is empty: set it to the frame in which the skeletons '
                             'are wanted, such as map or base_link')
        if self.target_frame.startswith('/'):
            raise InputError(
                f'target_frame = {self.target_frame!r} has a leading slash, which frames of ROS 2 '
                f'do not have: write {self.target_frame.lstrip("/")!r}')
        if not self.inputs or not all(self.inputs):
            raise InputError('inputs has an empty name, or none: list the topics of the skeletons '
                             'of each camera, such as /left/pose_machine/skeletons')
        if twice := [topic for topic in self.inputs if self.inputs.count(topic) > 1]:
            raise InputError(f'inputs has {twice[0]!r} twice: list each topic once')


NAMES = tuple(leaf.name for leaf in leaves(FusionNodeConfig))
