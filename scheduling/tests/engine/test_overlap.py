from scheduling.engine.overlap import Decision, Due, decide


def due(run_id: int, policy: str, *, task_id: int = 1, waits: bool = False) -> Due:
    return Due(run_id, task_id, policy, waits)


def test_a_free_task_publishes_its_first_run_only() -> None:
    assert decide([due(1, "skip"), due(2, "skip")], set(), set()) == Decision(publish=[1], skip=[2])


def test_allow_publishes_beside() -> None:
    assert decide([due(1, "allow"), due(2, "allow")], {1}, set()) == Decision(publish=[1, 2])


def test_queue_lets_one_wait_and_skips_the_next() -> None:
    assert decide([due(1, "queue"), due(2, "queue")], {1}, set()) == Decision(hold=[1], skip=[2])


def test_queue_skips_when_one_waits_already() -> None:
    assert decide([due(2, "queue")], {1}, {1}) == Decision(skip=[2])


def test_replace_cancels_what_goes_on_and_waits_for_its_end() -> None:
    assert decide([due(1, "replace")], {1}, set()) == Decision(hold=[1], cancel={1})


def test_a_run_by_hand_waits_under_any_policy() -> None:
    for policy in ("skip", "queue", "replace"):
        assert decide([due(1, policy, waits=True)], {1}, {1}) == Decision(hold=[1])


def test_other_tasks_are_not_held_up() -> None:
    assert decide([due(1, "skip"), due(2, "skip", task_id=2)], {1}, set()) == Decision(publish=[2], skip=[1])
