"""The connector in a worker: it puts known outputs into vLLM's encoder cache, and gathers new ones."""

from __future__ import annotations

import time

import torch
from vllm.distributed.ec_transfer.ec_connector.base import ECConnectorMetadata
from vllm.distributed.parallel_state import get_tensor_model_parallel_rank
from vllm.platforms import current_platform

from fovea.vllm.transfer import EncodedOutputs, EncoderOutput, StepMetadata


class WorkerSide:
    """Used by the one thread that executes the model."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._saved = EncodedOutputs()

    def begin(self) -> None:
        """The step begins: what is encoded from now on is timed."""
        self._began = time.perf_counter()

    def load(self, metadata: ECConnectorMetadata, encoder_cache: dict[str, torch.Tensor]) -> None:
        assert isinstance(metadata, StepMetadata)
        for identifier, output in metadata.loads.items():
            if identifier not in encoder_cache:
                encoder_cache[identifier] = output.tensor().to(_device())
        self.begin()

    def save(self, metadata: ECConnectorMetadata, encoder_cache: dict[str, torch.Tensor], identifier: str) -> None:
        """Copies one output for the scheduler, if it asked for it. All workers have the same: the first sends it."""
        assert isinstance(metadata, StepMetadata)
        output = encoder_cache.get(identifier)
        if identifier not in metadata.saves or not isinstance(output, torch.Tensor):
            return
        if get_tensor_model_parallel_rank() != 0:
            return
        self._saved.outputs[identifier] = EncoderOutput.of(output)
        # vLLM saves after it has encoded all pictures of a step, and the first copy waits for the device. So the
        # time up to it is that of all of them.
        if self._saved.encode_ms == 0.0:
            self._saved.encode_ms = (time.perf_counter() - self._began) * 1e3

    def take_saved(self) -> EncodedOutputs | None:
        if not self._saved.outputs:
            return None
        saved, self._saved = self._saved, EncodedOutputs()
        return saved


def _device() -> torch.device:
    """This worker's own device: a bare "cuda" would be the first one for all workers of a machine."""
    if current_platform.is_cuda_alike():
        return torch.device(current_platform.device_type, current_platform.current_device())
    return torch.device(current_platform.device_type)
