"""The manifests: Kubernetes' own schema, KEDA's, and what they must say of every pod."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
from django.conf import settings

from platform_site.tests.config.test_docs import documented
from scheduling.kinds import KINDS_ON
from scheduling.lifecycle import trials
from scheduling.worker.trial import GRACE_SECONDS
from tests.deploy import compose, env_file, manifests
from tests.deploy.test_compose import FLOWERS_OWN

VERSION = "1.31"
KEDA = json.loads((Path(__file__).parent / "keda.schema.json").read_text())
ROLES = {"web", "beat", "worker-io", "worker-notify", "worker-script", "flower"}
SECRETS = {
    *("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ENCRYPTION_KEYS"),
    *("METRICS_TOKEN", "ADMIN_PASSWORD", "FLOWER_BASIC_AUTH"),
}


def valid(manifest: manifests.Manifest) -> None:
    if manifest["apiVersion"].startswith("keda.sh/"):
        jsonschema.validate(manifest, KEDA)
    else:
        kubernetes_validate.validate(manifest, VERSION, strict=True)


def config() -> dict[str, str]:
    (row,) = manifests.of_kind("ConfigMap")
    return dict(row["data"])


def test_every_manifest_fits_its_schema() -> None:
    for manifest in manifests.everything():
        valid(manifest)


def test_every_kustomization_is_of_files_that_are_there_and_patches_that_fit() -> None:
    for folder in manifests.kustomizations():
        onto = list(manifests.resources(folder)) + manifests.everything()
        assert onto
        for component in manifests.kustomization(folder).get("components", []):
            assert (folder / component / "kustomization.yaml").exists()
        for manifest in manifests.patched(folder, manifests.everything()):
            valid(manifest)


def test_no_file_is_left_out_of_its_kustomization() -> None:
    for folder in manifests.kustomizations():
        files = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
        assert files <= set(manifests.kustomization(folder)["resources"])


def test_a_schema_that_does_not_fit_is_noticed() -> None:
    (first, *_) = manifests.of_kind("ScaledObject")
    with pytest.raises(jsonschema.ValidationError):
        valid(first | {"spec": first["spec"] | {"maxReplicas": 3}})
    (deployment, *_) = manifests.of_kind("Deployment")
    with pytest.raises(kubernetes_validate.ValidationError):
        valid(deployment | {"spec": deployment["spec"] | {"replica": 3}})


def test_every_pod_is_restricted() -> None:
    for name, pod in manifests.pods().items():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert "memory" in container["resources"]["limits"], name


def test_every_role_has_probes_and_waits_for_the_migrations() -> None:
    pods = manifests.pods()
    assert set(pods) == ROLES | {"migrate"}
    for name in ROLES:
        (container,) = pods[name]["containers"]
        assert "livenessProbe" in container, name
        assert ("readinessProbe" in container) == (name in ("web", "flower")), name
        assert "migrate --check" in pods[name]["initContainers"][0]["args"][-1], name


def test_a_worker_has_longer_to_end_than_its_soft_shutdown_takes() -> None:
    soft = int(config()["SOFT_SHUTDOWN_SECONDS"])
    for name in ("worker-io", "worker-notify", "worker-script"):
        pod = manifests.pods()[name]
        assert pod["terminationGracePeriodSeconds"] >= soft + 10


def test_each_role_runs_what_it_runs_in_docker_compose(tmp_path: Path) -> None:
    services = compose.ours(env_file.made(tmp_path))
    pods = manifests.pods()
    for name in ROLES:
        command = services[name]["command"]
        assert [str(part) for part in pods[name]["containers"][0]["args"]] == command


def test_every_variable_is_read_by_somebody_and_the_needed_ones_are_secrets() -> None:
    assert set(config()) <= documented()
    assert not set(config()) & SECRETS
    assert documented() | FLOWERS_OWN >= SECRETS
    text = (manifests.ROOT / "base" / "config.yaml").read_text().partition("apiVersion")[0]
    assert set(re.findall(r"[A-Z]+_[A-Z_]+", text)) == SECRETS
    for pod in manifests.pods().values():
        for container in pod["containers"]:
            assert container["envFrom"] == [
                {"configMapRef": {"name": "platform"}},
                {"secretRef": {"name": "platform"}},
            ]
            assert {row["name"] for row in container.get("env", [])} <= FLOWERS_OWN


def components() -> set[str]:
    owners = manifests.of_kind("Deployment", "Job")
    return {
        owner["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"] for owner in owners
    }


def named(selector: dict[str, Any]) -> set[str]:
    labels = set(selector.get("matchLabels", {}).values())
    return labels.union(*(rule["values"] for rule in selector.get("matchExpressions", [])))


def test_budgets_policies_and_services_name_pods_that_are_there() -> None:
    for manifest in manifests.of_kind("PodDisruptionBudget"):
        assert named(manifest["spec"]["selector"]) <= components()
    for manifest in manifests.of_kind("NetworkPolicy"):
        assert named(manifest["spec"]["podSelector"]) <= components()
    for manifest in manifests.of_kind("Service"):
        assert set(manifest["spec"]["selector"].values()) <= components()


def test_whatever_no_policy_allows_is_refused() -> None:
    refused = [m for m in manifests.of_kind("NetworkPolicy") if m["spec"]["podSelector"] == {}]
    assert {"Ingress", "Egress"} in [set(m["spec"]["policyTypes"]) for m in refused if len(m["spec"]) == 2]


def test_workers_are_scaled_by_the_demand_of_queues_they_serve() -> None:
    asked = {}
    for scaled in manifests.of_kind("ScaledObject"):
        pod = manifests.pods()[scaled["spec"]["scaleTargetRef"]["name"]]
        queue = pod["containers"][0]["args"][-1]
        for trigger in scaled["spec"]["triggers"]:
            assert trigger["metadata"]["valueLocation"] == queue
            assert trigger["metadata"]["url"].endswith("/metrics/demand")
            asked[trigger["metadata"]["valueLocation"]] = trigger
        assert scaled["spec"]["minReplicaCount"] >= 1  # a queue nobody serves is not ready
    assert set(asked) == {*KINDS_ON, "notify"}
    # A script has a process of its own: as many pods as slots are asked for. A thread that waits costs nothing.
    assert int(asked["script"]["metadata"]["targetValue"]) == slots("worker-script")
    assert int(asked["io"]["metadata"]["targetValue"]) <= slots("worker-io")


def slots(name: str) -> int:
    variables = manifests.pods()[name]["containers"][0]["env"]
    return int(next(v["value"] for v in variables if v["name"].endswith("_SLOTS")))


def test_who_is_scaled_has_no_number_that_each_apply_would_set_back() -> None:
    scaled = {row["spec"]["scaleTargetRef"]["name"] for row in manifests.of_kind("ScaledObject")}
    scaled |= {row["spec"]["scaleTargetRef"]["name"] for row in manifests.of_kind("HorizontalPodAutoscaler")}
    numbered = {
        row["metadata"]["name"] for row in manifests.of_kind("Deployment") if "replicas" in row["spec"]
    }
    assert (scaled & numbered, scaled | numbered) == (set(), ROLES)


def test_the_ingress_refuses_nothing_that_web_takes() -> None:
    (ingress,) = manifests.of_kind("Ingress")
    said = ingress["metadata"]["annotations"]
    size = said["nginx.ingress.kubernetes.io/proxy-body-size"]
    assert size.endswith("m")
    assert int(size[:-1]) << 20 > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    max_seconds = trials.TAKE_SECONDS + trials.MAX_SECONDS + GRACE_SECONDS
    assert int(said["nginx.ingress.kubernetes.io/proxy-read-timeout"]) > max_seconds
