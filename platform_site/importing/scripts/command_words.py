"""The words of a shell command that does nothing but start one program."""

from __future__ import annotations

import shlex

SIGNS = "();<>|&"


class ShellCommandError(ValueError):
    """The command needs a shell; the message says so."""


def words_of(command: str) -> list[str]:
    """Split the command as a shell does. Raises ShellCommandError where it is more than the start of one program."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=SIGNS)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError as error:
        raise ShellCommandError(f"The command can't be read: {error}.") from error
    if any(set(word) <= set(SIGNS) for word in words if word) or "$" in command or "`" in command:
        raise ShellCommandError(
            "It is a shell command. If it runs a Python script, create a task for the script here."
        )
    return words
