"""What the scheduler's process and the workers send each other with each step.

vLLM pickles these between processes, and passes them by reference where both run in one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from vllm.distributed.ec_transfer.ec_connector.base import ECConnectorMetadata, ECConnectorWorkerMetadata


@dataclass(frozen=True)
class EncoderOutput:
    """One picture's encoder output as bytes: no more than its own, however large the batch was that it is of."""

    shape: tuple[int, ...]
    dtype: str
    data: np.ndarray

    @staticmethod
    def of(tensor: torch.Tensor) -> EncoderOutput:
        flat = tensor.detach().to("cpu").contiguous().reshape(-1)
        return EncoderOutput(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), flat.view(torch.uint8).numpy())

    def tensor(self) -> torch.Tensor:
        """A tensor of its own, which the model may write to."""
        copy = torch.from_numpy(np.array(self.data, copy=True))
        return copy.view(getattr(torch, self.dtype)).reshape(self.shape)


@dataclass(frozen=True)
class StepMetadata(ECConnectorMetadata):
    """For the workers: outputs that they need not compute, and those that are to be sent back once computed."""

    loads: dict[str, EncoderOutput]
    saves: frozenset[str]


@dataclass
class EncodedOutputs(ECConnectorWorkerMetadata):
    """For the scheduler: what a worker encoded in this step, and the milliseconds that it took."""

    outputs: dict[str, EncoderOutput] = field(default_factory=dict)
    encode_ms: float = 0.0

    def aggregate(self, other: ECConnectorWorkerMetadata) -> ECConnectorWorkerMetadata:
        assert isinstance(other, EncodedOutputs)
        return EncodedOutputs({**self.outputs, **other.outputs}, max(self.encode_ms, other.encode_ms))
