# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Launch files, with the real launch packages; skipped if these are not installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

launch = pytest.importorskip('launch', reason='launch is not installed (PyPI does not carry it)')
pytest.importorskip('launch_ros', reason='launch_ros is not installed (PyPI does not carry it)')

from launch_ros.actions import Node  # noqa: E402
import yaml  # noqa: E402

from launch.launch_description_sources import \
    get_launch_description_from_python_launch_file  # noqa: E402
from pose_machine_ros.errors import InputError  # noqa: E402
from pose_machine_ros.ros.rig import dotted  # noqa: E402
from pose_machine_ros.ros.runtime.distributions import profile_variable, PROFILE_VARIABLES

FOLDER = Path(__file__).parents[2] / 'launch'


def nodes_of(name: str, monkeypatch: pytest.MonkeyPatch, **given: str
             ) -> tuple[dict[str, Node], Any]:
    """Return the nodes that a launch file would start, by executable, and the context."""
    nodes, context = all_nodes_of(name, monkeypatch, **given)
    return {node.node_executable: node for node in nodes}, context


def all_nodes_of(name: str, monkeypatch: pytest.MonkeyPatch, **given: str
                 ) -> tuple[list[Node], Any]:
    for variable in (*PROFILE_VARIABLES, 'ROS_DISTRO'):
        monkeypatch.delenv(variable, raising=False)
    context = launch.LaunchContext()
    context.launch_configurations.update(given)
    waiting = [get_launch_description_from_python_launch_file(str(FOLDER / name))]
    nodes = []
    while waiting:
        entity = waiting.pop(0)
        if isinstance(entity, Node):
            nodes.append(entity)
        else:
            waiting = [*(entity.visit(context) or []), *waiting]
    return nodes, context


def remapped(node: Node, context: Any) -> dict[str, str]:
    return {launch.utilities.perform_substitutions(context, list(a)):
            launch.utilities.perform_substitutions(context, list(b))
            for a, b in node._Node__remappings}


@pytest.mark.parametrize('name', ['camera.launch.py', 'video.launch.py'])
def test_every_argument_is_described(name: str) -> None:
    description = get_launch_description_from_python_launch_file(str(FOLDER / name))
    arguments = description.get_launch_arguments()
    assert {'image', 'camera_info', 'namespace', 'params_file', 'device', 'correction', 'rviz'} \
        <= {a.name for a in arguments}
    for argument in arguments:
        assert len(argument.description) > 10, argument.name
        assert argument.default_value is not None or argument.name == 'file'


def test_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes, context = nodes_of('camera.launch.py', monkeypatch, image='/eye/image', rviz='true',
                              namespace='left')
    assert set(nodes) == {'pose_machine_node', 'rviz2'}
    assert remapped(nodes['pose_machine_node'], context) == {
        'image': '/eye/image', 'camera_info': '/camera/camera_info'}
    assert remapped(nodes['rviz2'], context) == {
        '/pose_machine/markers': '/left/pose_machine/markers',
        '/pose_machine/annotated_image': '/left/pose_machine/annotated_image',
        '/camera/image_raw': '/eye/image'}
    profile = Path(context.environment[profile_variable()])
    assert 'SHM' in profile.read_text()


def parameters_of(node: Node, context: Any) -> dict[str, Any]:
    """Return the parameters that a node would start with, by name."""
    node._perform_substitutions(context)
    values: dict[str, Any] = {}
    for path, _ in node._Node__expanded_parameter_arguments:
        tree, = yaml.safe_load(Path(path).read_text()).values()
        values.update(dotted(tree['ros__parameters']))
    return values


def test_arguments_reach_the_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes, context = nodes_of('camera.launch.py', monkeypatch)
    as_in_file = parameters_of(nodes['pose_machine_node'], context)
    assert (as_in_file['device'], as_in_file['correction.mode']) == ('auto', 'geometric')
    assert as_in_file['autostart'] is True
    for text, value in (('false', False), ('True', True)):
        nodes, context = nodes_of('camera.launch.py', monkeypatch, autostart=text, device='cuda:1',
                                  correction='none')
        assert parameters_of(nodes['pose_machine_node'], context) == {
            **as_in_file, 'autostart': value, 'device': 'cuda:1', 'correction.mode': 'none'}


@pytest.mark.parametrize('name, argument', [
    ('camera.launch.py', 'autostart'), ('camera.launch.py', 'rviz'), ('video.launch.py', 'loop'),
    ('video.launch.py', 'rviz')])
def test_neither_true_nor_false_is_refused(
        name: str, argument: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match=f'{argument}.*maybe.*true.*false'):
        nodes_of(name, monkeypatch, **{'file': 'clip.mp4', argument: 'maybe'})


def test_a_profile_of_the_users_own_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(profile_variable(), '/theirs.xml')
    description = get_launch_description_from_python_launch_file(
        str(FOLDER / 'camera.launch.py'))
    assert not [e for e in description.entities
                if isinstance(e, launch.actions.SetEnvironmentVariable)]


def test_video_publishes_where_the_node_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes, context = nodes_of('video.launch.py', monkeypatch, file='clip.mp4', loop='true')
    assert set(nodes) == {'pose_machine_node', 'video_camera'}
    assert remapped(nodes['video_camera'], context) == remapped(
        nodes['pose_machine_node'], context)


RIG = """
one_process: {one_process}
parameters: {{max_people: 2}}
cameras: [{{namespace: left}}, {{namespace: right, image: /eye, parameters: {{lazy: true}}}}]
"""


def test_several_cameras_have_a_process_each(
        monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rig = tmp_path / 'cameras.yaml'
    rig.write_text(RIG.format(one_process='false'))
    (left, right), context = all_nodes_of('multi_camera.launch.py', monkeypatch, cameras=str(rig))
    assert [node.node_executable for node in (left, right)] == 2 * ['pose_machine_node']
    assert remapped(left, context) == {'image': 'image_raw', 'camera_info': 'camera_info'}
    assert remapped(right, context) == {'image': '/eye', 'camera_info': 'camera_info'}
    for node in (left, right):
        node._perform_substitutions(context)
    assert [node.expanded_node_namespace for node in (left, right)] == ['/left', '/right']
    files = [[Path(path).read_text() for path, is_file in node._Node__expanded_parameter_arguments
              if is_file] for node in (left, right)]
    assert all('max_people: 2' in texts[-1] for texts in files)
    assert ['lazy: true' in texts[-1] for texts in files] == [False, True]
    assert 'SHM' in Path(context.environment[profile_variable()]).read_text()


def test_several_cameras_in_one_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rig = tmp_path / 'cameras.yaml'
    rig.write_text(RIG.format(one_process='true'))
    nodes, context = nodes_of('multi_camera.launch.py', monkeypatch, cameras=str(rig))
    assert set(nodes) == {'multi_camera_node'}
    assert not remapped(nodes['multi_camera_node'], context)


def test_a_rig_with_a_slip_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rig = tmp_path / 'cameras.yaml'
    rig.write_text('cameras: [{namespace: left, parameters: {max_poeple: 2}}]')
    with pytest.raises(InputError, match="did you mean 'max_people'"):
        all_nodes_of('multi_camera.launch.py', monkeypatch, cameras=str(rig))
