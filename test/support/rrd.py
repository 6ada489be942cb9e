# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The contents of a Rerun recording."""

from __future__ import annotations

from pathlib import Path

from rerun.experimental import RrdReader

Rows = dict[tuple[str, str], dict[int | None, object]]


def read_rrd(path: Path) -> Rows:
    """Return the values by (entity, component) and by stamp in ns; None for static values.

    Of several static values the last one counts, as in the viewer.
    The recording may have no other time line than `stamp`.
    """
    rows: Rows = {}
    for chunk in RrdReader(path).stream():
        if chunk.entity_path.startswith('/__'):  # metadata of Rerun
            continue
        assert list(chunk.timeline_names) == ([] if chunk.is_static else ['stamp'])
        table = chunk.to_record_batch()
        stamps = [None] * table.num_rows if chunk.is_static \
            else table['stamp'].cast('int64').to_pylist()
        for component in set(table.schema.names) - {'stamp', 'rerun.controls.RowId'}:
            values = rows.setdefault((chunk.entity_path, component), {})
            values.update((stamp, value) for stamp, value in zip(
                stamps, table[component].to_pylist(), strict=True) if value is not None)
    return rows
