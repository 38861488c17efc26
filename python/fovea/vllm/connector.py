"""The connector that vLLM loads. It is one of two things, by the role that vLLM gives it.

vLLM makes one instance in the process of its scheduler and one in each worker. The scheduler's instance alone
owns a store: it looks pictures up before vLLM schedules them, sends what it found to the workers with the
step's metadata, and inserts what a worker encoded. A worker owns no store, so a disk has one writer, and a
picture that the scheduler promised cannot be evicted before the worker asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from vllm.distributed.ec_transfer.ec_connector.base import (
    ECConnectorBase,
    ECConnectorMetadata,
    ECConnectorRole,
    ECConnectorWorkerMetadata,
)

from fovea.vllm.metrics import EncoderCacheMetrics, EncoderCacheStats
from fovea.vllm.scheduler_side import SchedulerSide
from fovea.vllm.worker_side import WorkerSide

if TYPE_CHECKING:
    from vllm.config import VllmConfig
    from vllm.v1.core.sched.output import SchedulerOutput
    from vllm.v1.outputs import ECConnectorOutput
    from vllm.v1.request import Request


class FoveaECConnector(ECConnectorBase):
    """Encoder outputs in Fovea's memory, disk and shared tiers, for vLLM.

    Its settings are the entries of `ec_connector_extra_config`: the arguments of `fovea.Store`, and `weights_id`.
    """

    def __init__(self, vllm_config: VllmConfig, role: ECConnectorRole) -> None:
        super().__init__(vllm_config=vllm_config, role=role)
        self._scheduler: SchedulerSide | None = None
        self._worker: WorkerSide | None = None
        if role == ECConnectorRole.SCHEDULER:
            self._scheduler = SchedulerSide(vllm_config, loads=self.is_consumer, saves=self.is_producer)
        else:
            self._worker = WorkerSide()

    # In the scheduler's process.

    def ensure_cache_available(self, request: Request, num_computed_tokens: int) -> bool:
        """False while the request's pictures are being looked up: vLLM asks again at its next step."""
        return self._scheduler.ready(request, num_computed_tokens) if self._scheduler else True

    def has_cache_item(self, identifier: str) -> bool:
        return self._scheduler is not None and self._scheduler.found(identifier)

    def update_state_after_alloc(self, request: Request, index: int) -> None:
        if self._scheduler:
            self._scheduler.allocated(request, index)

    def build_connector_meta(self, scheduler_output: SchedulerOutput) -> ECConnectorMetadata:
        assert self._scheduler is not None
        return self._scheduler.step(scheduler_output)

    def update_connector_output(self, connector_output: ECConnectorOutput) -> None:
        if self._scheduler and connector_output.ec_connector_worker_meta is not None:
            self._scheduler.encoded(connector_output.ec_connector_worker_meta)

    def take_unavailable_requests(self) -> set[str]:
        return self._scheduler.take_unavailable() if self._scheduler else set()

    def request_finished(self, request: Request) -> tuple[bool, dict[str, Any] | None]:
        if self._scheduler:
            self._scheduler.finished(request)
        return False, None

    def get_ec_connector_stats(self) -> EncoderCacheStats | None:
        return self._scheduler.take_stats() if self._scheduler else None

    # In a worker's process.

    def start_load_caches(self, encoder_cache: dict[str, torch.Tensor], **kwargs: Any) -> None:
        if self._worker:
            self._worker.load(self._get_connector_metadata(), encoder_cache)

    def start_save_caches(self, **kwargs: Any) -> None:
        if self._worker:
            self._worker.begin()

    def save_caches(self, encoder_cache: dict[str, torch.Tensor], mm_hash: str, **kwargs: Any) -> None:
        if self._worker and self.is_producer and self._connector_metadata is not None:
            self._worker.save(self._connector_metadata, encoder_cache, mm_hash)

    def build_connector_worker_meta(self) -> ECConnectorWorkerMetadata | None:
        return self._worker.take_saved() if self._worker else None

    # In both.

    def shutdown(self) -> None:
        if self._scheduler:
            self._scheduler.close()

    @classmethod
    def build_ec_connector_stats(cls, data: dict[str, Any] | None = None) -> EncoderCacheStats:
        return EncoderCacheStats(data=dict(data or {}))

    @classmethod
    def build_prom_metrics(
        cls,
        vllm_config: VllmConfig,
        metric_types: dict[type, type],
        labelnames: list[str],
        per_engine_labelvalues: dict[int, list[object]],
    ) -> EncoderCacheMetrics:
        return EncoderCacheMetrics(vllm_config, metric_types, labelnames, per_engine_labelvalues)
