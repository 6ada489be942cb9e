# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The permissions in config/sros2_policy.xml, and the topics and services of a running node."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from rclpy.node import Node

POLICY = Path(__file__).parents[2] / 'config' / 'sros2_policy.xml'
# Name in the policy, and name in the graph API of rclpy
_DOINGS = {'publish': 'publisher', 'subscribe': 'subscriber', 'reply': 'service',
           'request': 'client'}


def allowed(enclave: str, node: str) -> dict[str, set[str]]:
    """Return the full names that a node in namespace / may publish, subscribe, reply, request."""
    profile = ElementTree.parse(POLICY).find(
        f'enclaves/enclave[@path="{enclave}"]/profiles/profile[@ns="/"][@node="{node}"]')
    names: dict[str, set[str]] = {doing: set() for doing in _DOINGS}
    for group in profile:
        for doing in names:
            if group.get(doing) == 'ALLOW':
                names[doing] |= {_full(entry.text, node) for entry in group}
    return names


def done(node: str, lister: Node) -> dict[str, set[str]]:
    """Return the full names that a running node in namespace / publishes, subscribes, and so on."""
    return {doing: {name for name, _ in getattr(
        lister, f'get_{kind}_names_and_types_by_node')(node, '/')}
        for doing, kind in _DOINGS.items()}


def _full(name: str, node: str) -> str:
    if name.startswith('/'):
        return name
    return f'/{node}{name[1:]}' if name.startswith('~') else f'/{name}'
