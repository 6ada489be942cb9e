# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where a Rerun recording goes: into a window, a file or a picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory

from pose_machine_ros.errors import InputError
from pose_machine_ros.rendering.rerun_sdk import rr
from pose_machine_ros.rendering.rerun_view import RerunView

_APPLICATION = 'pose_machine'
_SIZE = '1280x720'
_SECONDS = 120.0  # for a picture on a machine without a GPU


@contextmanager
def open_view(save: Path | None, screenshot: Path | None, is_live: bool,
              markers: bool = False) -> Iterator[RerunView]:
    """Let the block log to a file `save`, to a picture at the end, or to a window.

    A picture shows the newest that was logged. Raises InputError where there is no screen, or
    where a file can't be written.
    """
    for path in filter(None, (save, screenshot)):
        if not path.parent.is_dir():
            raise InputError(f'cannot write {path}: there is no folder {path.parent}')
    stream = rr.RecordingStream(_APPLICATION)
    stream.set_log_tick_enabled(False)
    stream.set_log_time_enabled(False)
    with TemporaryDirectory() as folder:
        file = save or (Path(folder) / 'view.rrd' if screenshot else None)
        if file is None:
            _open_window(stream)
        else:
            stream.save(file)
        try:
            yield RerunView(stream, follow=is_live or screenshot is not None, markers=markers)
        finally:
            stream.flush()
            stream.disconnect()
        if screenshot:
            _photograph(file, screenshot)


def _open_window(stream: rr.RecordingStream) -> None:
    if sys.platform == 'linux' and not {'DISPLAY', 'WAYLAND_DISPLAY'} & os.environ.keys():
        raise InputError('there is no screen for a window: give --save FILE.rrd, and open that '
                         'elsewhere with "rerun FILE.rrd"')
    stream.spawn()


def _photograph(recording: Path, picture: Path) -> None:
    command = [sys.executable, '-m', 'rerun_cli', str(recording), '--headless', '--bind',
               '127.0.0.1', '--port', 'auto', '--window-size', _SIZE, '--screenshot-to',
               str(picture)]
    picture.unlink(missing_ok=True)
    # Rerun shows what it logs as notes on top of its window, so let it log less.
    environment = {**os.environ, 'RUST_LOG': 'error'}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True,
                              timeout=_SECONDS)
        said = done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        said = f'no picture after {_SECONDS:.0f} s'
    if not picture.is_file():
        raise InputError(
            f'Rerun made no picture {picture}; without a GPU it needs a Vulkan driver in software: '
            f'sudo apt install mesa-vulkan-drivers. It said: {said.strip()[-500:]}')
