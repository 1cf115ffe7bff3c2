import pytest

from scheduling.contexts.hiding import Hiding


def test_secrets_are_masked_at_any_depth() -> None:
    hiding = Hiding(["hunter22"])
    assert hiding.mask_tree({"a": ["my hunter22"]}) == {"a": ["my ***"]}


def test_what_is_handed_out_later_is_masked_from_then_on() -> None:
    hiding = Hiding([])
    hiding.hide("hunter22")
    assert hiding.mask("my hunter22") == "my ***"


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x9b", "\r", "\u202e", "\u2028", "\ud800"])
def test_a_line_holds_no_character_that_a_terminal_obeys_or_a_database_refuses(character: str) -> None:
    assert Hiding([]).mask(f"a{character}b\r\n\tc") == f"a\\u{ord(character):04x}b\n\tc"


def test_half_a_surrogate_pair_in_a_value_is_replaced_where_a_database_would_refuse_the_row() -> None:
    assert Hiding([]).mask_tree({"k\ud800": ["\ud800", "😀"]}) == {"k?": ["?", "😀"]}


def test_numbers_that_are_no_json_become_none() -> None:
    assert Hiding([]).mask_tree([float("nan"), float("inf"), 1.5]) == [None, None, 1.5]
