"""The two languages of the texts that readers see: 简体中文 and English."""

from typing import Literal

Language = Literal["zh", "en"]
Text = dict[Language, str]
