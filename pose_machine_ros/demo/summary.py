# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a recording of the demo shows, in numbers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from pose_machine_ros.io import bags
from pose_machine_ros.io.messages import header_stamp_ns
from pose_machine_ros.pose import TrackingState


def summarize(bag: Path) -> dict:
    """Return the counts of a recording's messages, frames per person, and latencies in ms."""
    latencies, people, stamps, markers = [], Counter(), set(), 0
    for topic, _, message in bags.read_messages(bag):
        if topic.endswith('/skeletons'):
            stamps.add(header_stamp_ns(message.header))
            latencies.append(message.latency.sec * 1e3 + message.latency.nanosec * 1e-6)
            people.update(s.id for s in message.skeletons
                          if TrackingState(s.tracking_state).is_seen)
        markers += topic.endswith('/markers')
    return {'frames_processed': len(stamps), 'skeleton_messages': len(latencies),
            'marker_messages': markers, 'people': dict(people),
            'latency_ms': {p: round(float(np.percentile(latencies, q)), 1) if latencies else None
                           for p, q in (('p50', 50), ('p99', 99))}}
