"""deploy/kubernetes as kustomize makes it: its types are Kubernetes', what one manifest names another one has, and pods may
do as little as they can."""

import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import typed
import yaml

KUBERNETES = typed.CHECKOUT / "deploy/kubernetes"
OVERLAYS = ("edge", "fleet")
SECRETS = ("keys.toml", "fleet.key", "valkey.password")
WAIT_S = 60


def built(overlay):
    """The manifests of an overlay, with secrets as deploy/secrets.sh leaves them."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "kubernetes"
        shutil.copytree(KUBERNETES, copy, ignore=shutil.ignore_patterns("secrets"))
        secrets = copy / "overlays" / overlay / "secrets"
        secrets.mkdir()
        for name in SECRETS:
            (secrets / name).write_text("secret\n")
        done = subprocess.run(["kustomize", "build", copy / "overlays" / overlay], capture_output=True, text=True,
                              timeout=WAIT_S)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def place_of(manifest):
    """Where kubernetes-models has the type: Service of "v1" in v1/Service, of "apps/v1" in apps/v1."""
    group, _, version = manifest["apiVersion"].rpartition("/")
    return "/".join(part for part in (group, version, manifest["kind"]) if part)


def named(manifest):
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def copied(value):
    return json.loads(json.dumps(value))


def schema_faults(manifests):
    script = """
        import { readFileSync } from "node:fs";
        for (const [place, kind, value] of JSON.parse(readFileSync(process.argv[2]))) {
          const { [kind]: Model } = await import(`kubernetes-models/${place}`);
          try { new Model(value).validate(); } catch (error) { console.log(kind, value.metadata.name, error.message); }
        }"""
    values = typed.TYPES / "values.json"
    values.write_text(json.dumps([(place_of(one), one["kind"], one) for one in manifests]))
    return typed.node(script, str(values))


class Manifests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        typed.installed()
        cls.manifests = {overlay: built(overlay) for overlay in OVERLAYS}

    def of_kind(self, overlay, *kinds):
        return [one for one in self.manifests[overlay] if one["kind"] in kinds]

    def workloads(self, overlay):
        return self.of_kind(overlay, "StatefulSet", "Deployment")

    def each(self):
        for overlay in OVERLAYS:
            for workload in self.workloads(overlay):
                yield overlay, workload, workload["spec"]["template"]["spec"]

    def selected(self, overlay, selector):
        labels = selector.get("matchLabels", selector)
        return [one["spec"]["template"] for one in self.workloads(overlay)
                if labels.items() <= one["spec"]["template"]["metadata"]["labels"].items()]

    def ports(self, templates):
        return {port["name"] for template in templates for container in template["spec"]["containers"]
                for port in container.get("ports", [])}

    def test_types_are_those_of_kubernetes(self):
        right = [one for overlay in OVERLAYS for one in self.manifests[overlay]]
        wrong = copied(self.workloads("fleet"))
        wrong[0]["spec"]["template"]["spec"]["enableServiceLink"] = False
        wrong[1]["spec"]["replicas"] = "two"
        kinds = {place_of(manifest): manifest["kind"] for manifest in right}
        imports = "\n".join(f'import type {{ I{kind} }} from "kubernetes-models/{place}";' for place, kind in kinds.items())
        text = typed.literals(imports, *([(f"I{one['kind']}", one) for one in some] for some in (right, wrong[:2])))
        self.assertEqual(typed.faults("kubernetes", text), "")

    def test_values_keep_the_schemas_of_kubernetes(self):
        everything = [one for overlay in OVERLAYS for one in self.manifests[overlay]]
        self.assertEqual(schema_faults(everything), "")
        scaler = copied(self.of_kind("fleet", "HorizontalPodAutoscaler"))
        del scaler[0]["spec"]["maxReplicas"]
        self.assertIn("maxReplicas", schema_faults(scaler))

    def test_what_is_named_is_there(self):
        for overlay, workload, pod in self.each():
            claims = {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
            volumes = claims | {volume["name"] for volume in pod.get("volumes", [])}
            for container in pod["containers"]:
                self.assertLessEqual({mount["name"] for mount in container.get("volumeMounts", [])}, volumes)
                paths = [mount["mountPath"] for mount in container.get("volumeMounts", [])]
                self.assertEqual(len(paths), len(set(paths)))
            for volume in pod.get("volumes", []):
                for kind, field, name in (("Secret", "secret", "secretName"), ("ConfigMap", "configMap", "name")):
                    if field in volume:
                        self.assertIn(volume[field][name], [one["metadata"]["name"] for one in self.of_kind(overlay, kind)])
            self.assertEqual(len(self.selected(overlay, workload["spec"]["selector"])), 1)

    def test_files_of_secrets_are_where_flags_look_for_them(self):
        for overlay, workload, pod in self.each():
            for container in pod["containers"]:
                for variable in container.get("env", []):
                    path = variable.get("value", "")
                    if path.startswith("/run/secrets/"):
                        folder, _, name = path.rpartition("/")
                        volume = next(mount["name"] for mount in container["volumeMounts"] if mount["mountPath"] == folder)
                        secret = next(one["secret"]["secretName"] for one in pod["volumes"] if one["name"] == volume)
                        held = next(one for one in self.of_kind(overlay, "Secret") if one["metadata"]["name"] == secret)
                        self.assertIn(name, held["data"])

    def test_pods_may_do_as_little_as_they_can(self):
        for _, _, pod in self.each():
            self.assertIs(pod["automountServiceAccountToken"], False)
            self.assertIs(pod["securityContext"]["runAsNonRoot"], True)
            self.assertGreater(pod["securityContext"]["runAsUser"], 0)
            self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
            for container in pod["containers"]:
                self.assertEqual(container["securityContext"], {
                    "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}})
                self.assertIn("memory", container["resources"]["limits"])

    def test_no_variable_of_a_service_is_taken_for_a_flag(self):
        for _, _, pod in self.each():
            self.assertIs(pod["enableServiceLinks"], False)  # FOVEA_PORT=tcp://... of the service fovea

    def test_probes_ask_what_the_server_answers(self):
        asked = set()
        for _, workload, pod in self.each():
            for container in pod["containers"]:
                ports = {port["name"] for port in container.get("ports", [])}
                for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
                    way = container.get(kind, {}).get("httpGet") or container.get(kind, {}).get("tcpSocket")
                    if way:
                        self.assertIn(way["port"], ports)
                    if way and container["name"] == "fovea":
                        asked.add((kind, way["path"]))
        self.assertEqual(asked, {("startupProbe", "/health"), ("readinessProbe", "/ready"), ("livenessProbe", "/health")})
        answered = (typed.CHECKOUT / "docs/serve.md").read_text()
        self.assertIn("`GET /health`, `/ready`", answered)

    def test_selectors_and_ports_meet_pods(self):
        for overlay in OVERLAYS:
            for one in self.of_kind(overlay, "Service", "PodDisruptionBudget"):
                with self.subTest(overlay=overlay, manifest=named(one)):
                    pods = self.selected(overlay, one["spec"]["selector"])
                    self.assertEqual(len(pods), 1)
                    self.assertLessEqual({port["targetPort"] for port in one["spec"].get("ports", [])}, self.ports(pods))

    def test_policies_name_pods_and_ports_that_there_are(self):
        for overlay in OVERLAYS:
            policies = self.of_kind(overlay, "NetworkPolicy")
            self.assertIn({}, [one["spec"]["podSelector"] for one in policies])  # nothing else is let through
            for one in policies:
                with self.subTest(overlay=overlay, policy=one["metadata"]["name"]):
                    here = self.selected(overlay, one["spec"]["podSelector"])
                    self.assertTrue(here)
                    for rule in one["spec"].get("ingress", []):
                        self.assertLessEqual({port["port"] for port in rule["ports"]}, self.ports(here))
                        for source in rule.get("from", []):
                            self.assertTrue("namespaceSelector" in source or self.selected(overlay, source["podSelector"]))
                    for rule in one["spec"].get("egress", []):
                        there = [pod for goal in rule["to"] if "namespaceSelector" not in goal
                                 for pod in self.selected(overlay, goal["podSelector"])]
                        self.assertTrue(there or rule["to"][0].get("namespaceSelector"))
                        if there:
                            self.assertLessEqual({port["port"] for port in rule["ports"]}, self.ports(there))

    def test_the_balancer_names_all_nodes_that_there_may_be(self):
        scaler, = self.of_kind("fleet", "HorizontalPodAutoscaler")
        nodes = next(one for one in self.workloads("fleet") if one["metadata"]["name"] == "fovea")
        self.assertEqual(scaler["spec"]["scaleTargetRef"], {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "fovea"})
        self.assertNotIn("replicas", nodes["spec"])  # `kubectl apply` would set back what the scaler made
        text = next(one["data"]["haproxy.cfg"] for one in self.of_kind("fleet", "ConfigMap") if "haproxy.cfg" in one["data"])
        hosts = re.findall(r"^    server node(\d+) (\S+):8080 id \1$", text, re.MULTILINE)
        service, namespace = nodes["spec"]["serviceName"], nodes["metadata"]["namespace"]
        expected = [(str(number + 1), f"fovea-{number}.{service}.{namespace}.svc.cluster.local")
                    for number in range(scaler["spec"]["maxReplicas"])]
        self.assertEqual(hosts, expected)

    def test_the_fleets_image_is_of_this_version(self):
        version = (typed.CHECKOUT / "VERSION").read_text().strip()
        nodes = next(one for one in self.workloads("fleet") if one["metadata"]["name"] == "fovea")
        self.assertEqual(nodes["spec"]["template"]["spec"]["containers"][0]["image"], f"registry.example.org/fovea:{version}")


if __name__ == "__main__":
    unittest.main()
