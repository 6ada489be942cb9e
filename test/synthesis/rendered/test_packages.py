# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import importlib
import sys

import pytest

from pose_machine_ros.errors import InputError

NAME = 'pose_machine_ros.synthesis.rendered.packages'


@pytest.mark.parametrize('missing', ['anny', 'pyrender'])
def test_a_missing_package_is_named_with_the_fix(missing, monkeypatch):
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    for package in {'anny', 'anny.shape_distribution', 'pyrender'}:
        monkeypatch.setitem(sys.modules, package, type(sys)(package))
    sys.modules['anny.shape_distribution'].SimpleShapeDistribution = None
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(InputError, match=rf'pip install .*synthesis.*{missing}'):
        importlib.import_module(NAME)
