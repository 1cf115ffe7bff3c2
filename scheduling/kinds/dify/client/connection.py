"""A test whether a run of this app would begin: it asks what the app is and which inputs it takes, starting nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .app import DifyClient
from .errors import AuthFailedError, DifyError
from .types import AppInfo, AppType, InputCheck, check_inputs


@dataclass(frozen=True)
class Connection:
    """`detail` describes what is wrong, or what Dify would drop; "" where all is well."""

    ok: bool
    app_name: str = ""
    mode: str = ""
    server_version: str = ""
    missing_inputs: tuple[str, ...] = ()
    undeclared_inputs: tuple[str, ...] = ()
    detail: str = ""


def try_connection(
    client: DifyClient, app_type: AppType, inputs: Mapping[str, Any], workflow_id: str = ""
) -> Connection:
    """Test whether a run with these inputs would begin, without starting one. Raises no DifyError.

    `workflow_id` is the published version that a workflow app's runs are fixed to, "" for the latest.
    """
    app = AppInfo("", "", "")
    try:
        app = client.info()
        found = check_inputs(client.parameters(), inputs)
        has_version = not workflow_id or app_type != "workflow" or client.has_version(workflow_id)
    except AuthFailedError as error:
        return _refused(app, f"Dify refused the API key: {error}")
    except DifyError as error:
        return _refused(app, str(error))
    if not has_version:
        return _refused(app, f"The app has no published version {workflow_id} (dify_workflow_id).")
    return Connection(
        ok=app.fits(app_type) and not found.refusal,
        app_name=app.name,
        mode=app.mode,
        server_version=app.server_version,
        missing_inputs=found.missing,
        undeclared_inputs=found.undeclared,
        detail=_detail(app, app_type, found),
    )


def _refused(app: AppInfo, detail: str) -> Connection:
    return Connection(False, app.name, app.mode, app.server_version, detail=detail)


def _detail(app: AppInfo, app_type: AppType, found: InputCheck) -> str:
    if not app.fits(app_type):
        return f"This is an app of mode {app.mode}, not {app_type}."
    if found.refusal:
        return found.refusal
    if found.undeclared:
        return f"The app declares no input {', '.join(found.undeclared)}: Dify would drop it."
    return ""
