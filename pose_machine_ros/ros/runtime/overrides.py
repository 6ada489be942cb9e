# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Warnings about parameters that were given at the start but that no node uses."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rclpy.node import Node

from pose_machine_ros.ros.runtime.distributions import BUILTIN_PARAMETERS, parameter_overrides_of
from pose_machine_ros.ros.runtime.parameter_files import ParameterFile
from pose_machine_ros.spelling import hint

_QOS = 'qos_overrides'  # declared by each publisher and subscription when it is created
# Parameters of earlier versions, with the present name.
RENAMED = {
    'fov_degrees': 'fov',
    'tracking.min_presence': 'tracking.min_confidence',
    'tracking.new_presence': 'tracking.new_confidence',
    'tracking.max_missed': 'tracking.max_age',
    'correction.robust': 'correction.robust_scale',
    'correction.learned.updates': 'correction.paper.updates',
    'correction.learned.learning_rate': 'correction.paper.learning_rate',
    'correction.learned.enough': 'correction.paper.tolerance',
    'correction.learned.tolerance': 'correction.paper.tolerance',
    'correction.learned.too_much': 'correction.paper.max_change',
    'correction.learned.max_change': 'correction.paper.max_change',
}


def is_unknown(name: str, known: Collection[str]) -> bool:
    """Return whether a parameter is neither one of `known` nor one that every node has."""
    return name not in known and name.partition('.')[0] not in BUILTIN_PARAMETERS


def suggestion(name: str, known: Collection[str]) -> str:
    """Return the parameter that is meant by an unknown one, as a note behind it; '' for none."""
    renamed = RENAMED.get(name)
    return f' (renamed to {renamed!r})' if renamed in known else hint(name, known)


def warn_about_unknown_parameters(node: Node) -> None:
    """Log the parameters given to `node` that it does not declare, with the nearest names."""
    known = node.get_parameters_by_prefix('')
    unknown = [n for n in sorted(parameter_overrides_of(node)) if is_unknown(n, known)]
    if unknown:
        named = ', '.join(f'{name!r}{suggestion(name, known)}' for name in unknown)
        node.get_logger().warning(
            f'unknown parameters have no effect: {named}. "ros2 param list '
            f'{node.get_fully_qualified_name()}" lists the known ones')


def warn_about_unused_qos_overrides(node: Node) -> None:
    """Log the `qos_overrides` given to `node` that it does not declare, and the declared ones.

    Call it when all publishers and subscriptions exist: each declares its own.
    """
    known = node.get_parameters_by_prefix('')
    unused = [name for name in sorted(parameter_overrides_of(node))
              if name.partition('.')[0] == _QOS and name not in known]
    if not unused:
        return
    declared: dict[str, list[str]] = {}
    for name in sorted(known):
        if name.startswith(f'{_QOS}.'):
            end, _, policy = name.rpartition('.')
            declared.setdefault(end, []).append(policy)
    listed = '; '.join(f'{end}: {", ".join(policies)}' for end, policies in declared.items())
    of_images = (' The reliability of images is the parameter image.reliability.' if any(
        name.endswith('.subscription.reliability') for name in unused) else '')
    node.get_logger().warning(
        f'QoS overrides have no effect: {", ".join(unused)}.{of_images} This node accepts those '
        f'of {listed}')


def warn_about_unmatched_files(files: Sequence[ParameterFile], nodes: Sequence[Node]) -> None:
    """Log the files whose sections match no node of this process."""
    names = [node.get_fully_qualified_name() for node in nodes]
    for file in files:
        if nodes and file.sections and not any(file.is_for(name) for name in names):
            nodes[0].get_logger().warning(
                f'{file.path} has parameters for {", ".join(file.sections)} but not for this '
                f'node; name a section {" or ".join([*names, "/**"])}')
