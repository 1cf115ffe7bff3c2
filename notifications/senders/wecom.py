"""What a WeCom robot and a WeCom application have in common.

https://developer.work.weixin.qq.com/document/path/90313 lists the codes.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from common.http import HttpError

from .attachments import Attachment
from .base import Answer, Outcome, Sender, Target, json_object, unanswered

MINUTE = 60


class WeComSender(Sender):
    outcomes = {
        "45009": Outcome.RATE,
        "45033": Outcome.RATE,
        "45002": Outcome.SIZE,
        "40058": Outcome.FAULT,
        "40008": Outcome.FAULT,
        "44004": Outcome.FAULT,
        "41016": Outcome.FAULT,
        "45008": Outcome.FAULT,
    }
    too_long: ClassVar[str] = "exceed max length"

    def outcome_of(self, code: str, text: str) -> Outcome:
        """Return what a code means. 40058 is any wrong parameter: only its text shows that one was too long."""
        if code == "40058" and self.too_long in text:
            return Outcome.SIZE
        return super().outcome_of(code, text)

    def uploaded(
        self,
        target: Target,
        url: str,
        payload: Mapping[str, Any],
        attachment: Attachment,
        params: Mapping[str, str | int],
    ) -> dict[str, Any] | Answer:
        """Upload the attachment and return the payload with its media id, which is valid for three days.

        Where that fails the answer is returned. A lost answer to the upload is TRANSIENT, not UNKNOWN: nothing has
        been sent yet.
        """
        kind = payload["msgtype"]
        http = self.clients(target.proxy_url)
        try:
            response = http.request(
                "POST", url, params={**params, "type": kind}, files=attachment.as_upload()
            )
        except HttpError as error:
            answer = unanswered(error)
            return replace(answer, outcome=Outcome.TRANSIENT) if answer.outcome is Outcome.UNKNOWN else answer
        answer = self.judge(response)
        if not answer.ok:
            return answer
        media = {"media_id": str(json_object(response).get("media_id", ""))}
        return {name: value for name, value in payload.items() if name != "attach"} | {kind: media}

    def pause_seconds(self) -> float:
        """Return the seconds to the next full minute, when WeCom's count starts again."""
        return MINUTE - self.clock() % MINUTE
