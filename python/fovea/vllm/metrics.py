"""What the connector did, in vLLM's own log line ("EC Transfer metrics") and Prometheus endpoint."""

from __future__ import annotations

from typing import Any

from prometheus_client import Counter
from vllm.distributed.ec_transfer.ec_connector.metrics import ECConnectorPromMetrics, ECConnectorStats

# Each counter with its meaning. A picture is counted once for each request that needs it while vLLM itself does
# not have it.
COUNTERS = {
    "hits": "Pictures whose encoder output was found in Fovea and not computed.",
    "misses": "Pictures that Fovea did not have.",
    "late": "Pictures whose look-up took longer than encoding them: they were encoded.",
    "bypassed": "Pictures that were not looked up, since nothing says what they contain.",
    "unfit": "Stored outputs that did not have the shape that vLLM expects: they were not used.",
    "loaded_bytes": "Bytes of encoder outputs that were found.",
    "stored": "Encoder outputs that were stored.",
    "not_stored": "Encoder outputs that were not stored: the queue was full, or the store refused them.",
}


class EncoderCacheStats(ECConnectorStats):
    """Counts since they were last taken."""

    def add(self, counter: str, number: int = 1) -> None:
        assert counter in COUNTERS
        self.data[counter] = self.data.get(counter, 0) + number

    def reset(self) -> None:
        self.data = {}

    def aggregate(self, other: ECConnectorStats) -> ECConnectorStats:
        for counter, number in other.data.items():
            self.data[counter] = self.data.get(counter, 0) + number
        return self

    def reduce(self) -> dict[str, int | float]:
        return {f"fovea_{counter}": self.data.get(counter, 0) for counter in COUNTERS}

    def is_empty(self) -> bool:
        return not self.data


class EncoderCacheMetrics(ECConnectorPromMetrics):
    """The same as Prometheus counters: vllm:fovea_encoder_cache_hits_total and so on."""

    def __init__(
        self,
        vllm_config: Any,
        metric_types: dict[type, type],
        labelnames: list[str],
        per_engine_labelvalues: dict[int, list[object]],
    ) -> None:
        super().__init__(vllm_config, metric_types, labelnames, per_engine_labelvalues)
        counter_class: Any = metric_types[Counter]
        self._counters = {
            counter: counter_class(
                name=f"vllm:fovea_encoder_cache_{counter}", documentation=meaning, labelnames=labelnames
            )
            for counter, meaning in COUNTERS.items()
        }

    def observe(self, transfer_stats_data: dict[str, Any], engine_idx: int = 0) -> None:
        labels = self.per_engine_labelvalues[engine_idx]
        for counter, number in transfer_stats_data.items():
            if counter in self._counters:
                self._counters[counter].labels(*labels).inc(number)
