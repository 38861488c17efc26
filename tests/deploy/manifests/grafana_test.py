"""The dashboard that deploy/grafana gives to Grafana has the types that Grafana publishes, and nothing lies upon anything.

Whether its queries get data is asked by tests/deploy/compose_test.py, with a real Prometheus and real servers.
"""

import json
import re
import unittest

import typed
import yaml

GRAFANA = typed.CHECKOUT / "deploy/grafana"
WIDTH = 24

# Published types name values by enumerations, and a literal has the value itself. A panel's options and what
# it draws have types of their own.
IMPORTS = """
import type { Dashboard, FieldConfigSource, Panel, RowPanel } from "@grafana/schema";
import type { Options as Stat } from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type { FieldConfig as Drawn, Options as TimeSeries }
  from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

type Plain<T> = unknown extends T ? T
  : T extends string ? `${T}`
  : T extends number ? (`${T}` extends `${infer N extends number}` ? N : T)
  : T extends readonly (infer Item)[] ? Plain<Item>[]
  : T extends object ? { [Field in keyof T]: Plain<T[Field]> }
  : T;
type Source = { type: "prometheus"; uid: "${datasource}" };
type Query = { refId: string; datasource: Source; expr: string; legendFormat: string; range: boolean };
type Shown<Type extends string, Options, Custom> = Omit<Panel, "type" | "options" | "fieldConfig" | "targets" | "datasource"> & {
  type: Type; title: string; description: string; datasource: Source; targets: Query[]; options: Options;
  fieldConfig: Omit<FieldConfigSource, "defaults"> & {
    defaults: Omit<FieldConfigSource["defaults"], "custom"> & { custom?: Custom } };
};
type Shipped = Plain<Omit<Dashboard, "panels"> & {
  panels: (Shown<"stat", Stat, never> | Shown<"timeseries", TimeSeries, Drawn> | RowPanel)[] }>;
"""


class Shipped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        typed.installed()
        cls.dashboard = json.loads((GRAFANA / "fovea.json").read_text())
        cls.panels = [panel for panel in cls.dashboard["panels"] if panel["type"] != "row"]

    def changed(self, path, value):
        """The dashboard with another value in its first panel with lines."""
        dashboard = json.loads(json.dumps(self.dashboard))
        inner = next(panel for panel in dashboard["panels"] if panel["type"] == "timeseries")
        for field in path[:-1]:
            inner = inner[field]
        inner[path[-1]] = value
        return dashboard

    def test_types_are_those_of_grafana(self):
        wrong = [self.changed(("options", "legend", "placement"), "left"), self.changed(("options", "legends"), {}),
                 self.changed(("fieldConfig", "defaults", "custom", "drawStyle"), "pie"), self.changed(("gridPos", "w"), "wide")]
        text = typed.literals(IMPORTS, [("Shipped", self.dashboard)], [("Shipped", one) for one in wrong])
        self.assertEqual(typed.faults("dashboard", text), "")

    def test_panels_lie_beside_each_other(self):
        taken = set()
        for panel in self.dashboard["panels"]:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], WIDTH)
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    self.assertNotIn((x, y), taken, panel.get("title"))
                    taken.add((x, y))

    def test_ids_and_letters_differ(self):
        ids = [panel["id"] for panel in self.dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        for panel in self.panels:
            letters = [target["refId"] for target in panel["targets"]]
            self.assertEqual(len(letters), len(set(letters)), panel["title"])

    def test_queries_use_the_dashboards_own_variables(self):
        variables = {variable["name"] for variable in self.dashboard["templating"]["list"]} | {"__rate_interval"}
        for panel in self.panels:
            for target in panel["targets"]:
                self.assertLessEqual(set(re.findall(r"\$(\w+)", target["expr"])), variables)

    def test_compose_gives_it_to_grafana(self):
        compose = yaml.safe_load((typed.CHECKOUT / "deploy/compose/compose.yaml").read_text())
        mounts = dict(volume.split(":")[:2] for volume in compose["services"]["grafana"]["volumes"])
        provider, = yaml.safe_load((GRAFANA / "provisioning/dashboards/fovea.yaml").read_text())["providers"]
        self.assertEqual(mounts["../grafana/fovea.json"], f"{provider['options']['path']}/fovea.json")
        source, = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yaml").read_text())["datasources"]
        self.assertEqual(source["url"], "http://prometheus:9090")
        self.assertIn("prometheus", compose["services"])


if __name__ == "__main__":
    unittest.main()
