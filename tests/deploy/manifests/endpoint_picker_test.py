"""deploy/kubernetes/endpoint-picker as kustomize makes it, beside the nodes of the fleet: what one manifest names another one has."""

import subprocess
import unittest

import typed
import yaml
import kubernetes_test
from kubernetes_test import KUBERNETES, WAIT_S, place_of, schema_faults

OWN = ("InferencePool", "HTTPRoute")  # of CRDs, which kubernetes-models has not


def built(folder):
    done = subprocess.run(["kustomize", "build", KUBERNETES / folder], capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return list(yaml.safe_load_all(done.stdout))


class EndpointPicker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        typed.installed()
        cls.manifests = built("endpoint-picker")
        cls.beside = [one for one in kubernetes_test.built("fleet") if one["metadata"]["name"] != "balancer"]
        cls.pods = [one["spec"]["template"] for one in cls.manifests + cls.beside
                    if one["kind"] in ("Deployment", "StatefulSet")]

    def of_kind(self, *kinds):
        return [one for one in self.manifests if one["kind"] in kinds]

    def selected(self, labels):
        return [pod for pod in self.pods if labels.items() <= pod["metadata"]["labels"].items()]

    def ports(self, pods):
        return {port["name"]: port["containerPort"]
                for pod in pods for container in pod["spec"]["containers"] for port in container.get("ports", [])}

    def test_kubernetes_own_kinds_have_its_types(self):
        known = [one for one in self.manifests if one["kind"] not in OWN]
        kinds = {place_of(one): one["kind"] for one in known}
        imports = "\n".join(f'import type {{ I{kind} }} from "kubernetes-models/{place}";' for place, kind in kinds.items())
        text = typed.literals(imports, [(f"I{one['kind']}", one) for one in known])
        self.assertEqual(typed.faults("endpoint-picker", text), "")
        self.assertEqual(schema_faults(known), "")

    def test_the_image_is_of_this_version(self):
        deployment, = self.of_kind("Deployment")
        names = next(one for one in deployment["spec"]["template"]["spec"]["containers"] if one["name"] == "names")
        version = (typed.CHECKOUT / "VERSION").read_text().strip()
        self.assertEqual(names["image"], f"registry.example.org/fovea:{version}")

    def test_no_name_is_there_twice_and_pods_have_their_secrets(self):
        names = [(one["kind"], one["metadata"]["name"]) for one in self.manifests + self.beside]
        self.assertEqual(len(names), len(set(names)))
        for pod in self.pods:
            for volume in pod["spec"].get("volumes", []):
                if "secret" in volume:
                    self.assertIn(("Secret", volume["secret"]["secretName"]), names)

    def test_what_reads_pictures_of_strangers_has_no_word_in_kubernetes(self):
        pod, = [one for one in self.pods if one["spec"].get("serviceAccountName")]
        self.assertIs(pod["spec"]["automountServiceAccountToken"], False)
        token, = [one for one in pod["spec"]["volumes"] if "projected" in one]
        sources = token["projected"]["sources"]
        paths = [one["serviceAccountToken"]["path"] for one in sources if "serviceAccountToken" in one]
        paths += [item["path"] for one in sources for held in ("configMap", "downwardAPI") for item in one.get(held, {}).get("items", [])]
        self.assertEqual(sorted(paths), ["ca.crt", "namespace", "token"])
        has = [one["name"] for one in pod["spec"]["containers"] for mount in one["volumeMounts"] if mount["name"] == token["name"]]
        self.assertEqual(has, ["picker"])

    def test_the_pool_has_the_nodes_and_the_picker(self):
        pool, = self.of_kind("InferencePool")
        nodes = self.selected(pool["spec"]["selector"]["matchLabels"])
        self.assertEqual(len(nodes), 1)
        self.assertEqual([port["number"] for port in pool["spec"]["targetPorts"]], [self.ports(nodes)["http"]])
        reference = pool["spec"]["endpointPickerRef"]
        service, = [one for one in self.of_kind("Service") if one["metadata"]["name"] == reference["name"]]
        self.assertIn(reference["port"]["number"], [port["port"] for port in service["spec"]["ports"]])
        self.assertEqual(len(self.selected(service["spec"]["selector"])), 1)

    def test_the_route_ends_at_what_there_is(self):
        route, = self.of_kind("HTTPRoute")
        there = {(one["kind"], one["metadata"]["name"]) for one in self.manifests}
        ends = [end for rule in route["spec"]["rules"] for end in rule["backendRefs"]]
        self.assertEqual(len(ends), 2)
        for end in ends:
            self.assertIn((end.get("kind", "Service"), end["name"]), there)

    def test_services_and_policies_meet_pods_and_ports(self):
        for one in self.of_kind("Service", "NetworkPolicy"):
            with self.subTest(manifest=one["metadata"]["name"], kind=one["kind"]):
                spec = one["spec"]
                pods = self.selected(spec.get("podSelector", {}).get("matchLabels") or spec["selector"])
                self.assertEqual(len(pods), 1)
                named = [port.get("targetPort") or port["port"] for rule in [spec, *spec.get("ingress", [])]
                         for port in rule.get("ports", [])]
                self.assertLessEqual(set(named), set(self.ports(pods)))

    def test_the_picker_reads_its_configuration(self):
        deployment, = self.of_kind("Deployment")
        pod = deployment["spec"]["template"]["spec"]
        maps = {one["metadata"]["name"]: one["data"] for one in self.of_kind("ConfigMap")}
        volume = next(one for one in pod["volumes"] if one["name"] == "config")
        configuration = yaml.safe_load(maps[volume["configMap"]["name"]]["picker-config.yaml"])
        self.assertEqual(configuration["kind"], "EndpointPickerConfig")
        picker = next(one for one in pod["containers"] if one["name"] == "picker")
        mount = next(one["mountPath"] for one in picker["volumeMounts"] if one["name"] == "config")
        self.assertIn(f"--config-file={mount}/picker-config.yaml", picker["args"])
        self.assertIn(f"--pool-namespace={deployment['metadata']['namespace']}", picker["args"])


if __name__ == "__main__":
    unittest.main()
