"""A channel is deleted only when no task sends to it."""

import pytest

from notifications.models import NotifyChannel
from scheduling.acts import channels
from scheduling.tests import make
from tenants import rows
from tenants.access import SYSTEM
from testing.world import channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def robot() -> NotifyChannel:
    return channel(make.tenant(), "robot")


def test_the_tasks_of_its_tenant_and_of_none_keep_it_in_their_order(robot: NotifyChannel) -> None:
    other = channel(make.tenant(), "other")
    for name, tenant, ids in (
        ("weekly", make.tenant(), [other.pk, robot.pk]),
        ("silent", make.tenant(), [other.pk]),
        ("global", None, [robot.pk]),
    ):
        make.task(task_name=name, tenant=tenant, notify_channels=ids)
    assert channels.tasks_using(robot) == ["weekly", "global"]
    with pytest.raises(rows.RowInUseError) as refused:
        channels.delete(robot, SYSTEM)
    assert refused.value.names == ["weekly", "global"]
    assert NotifyChannel.objects.filter(pk=robot.pk).exists()


def test_another_tenants_task_that_names_its_id_does_not_keep_it(robot: NotifyChannel) -> None:
    make.task(tenant=make.tenant("rival"), notify_channels=[robot.pk])
    channels.delete(robot, SYSTEM)
    assert not NotifyChannel.objects.exists()
