"""What an encoder output depends on: the model as it runs here, and the picture as the encoder gets it.

vLLM names a picture by `mm_hash`. That is no content: a client may choose it (`uuid`, and the ImageID of a
picture's EXIF), and it says nothing of the weights. It is enough for a cache that lives and dies with one
process, and not for one that outlives it. So the key here is of the processed tensors that the encoder gets, of
the weight files' content, and of every setting that changes the numbers. It costs a BLAKE3 pass over the
weights at the start, and one over a picture's tensors when vLLM itself does not have the picture.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

import fovea

if TYPE_CHECKING:
    from vllm.config import VllmConfig
    from vllm.multimodal.inputs import MultiModalFeatureSpec

logger = logging.getLogger("fovea.vllm")

WEIGHT_FILES = (".safetensors", ".bin", ".pt", ".pth", ".gguf")


class Unidentified(Exception):
    """Nothing says what the value depends on, with the reason. It is neither looked up nor stored."""


def model_key(vllm_config: VllmConfig, weights_id: str | None) -> fovea.Key:
    """Everything but the picture that an encoder output depends on. Raises Unidentified."""
    import vllm
    from vllm.platforms import current_platform

    if vllm_config.weight_transfer_config is not None:
        raise Unidentified("its weights are replaced while it runs (weight_transfer_config)")
    model, multimodal = vllm_config.model_config, vllm_config.model_config.multimodal_config
    if multimodal is None:
        raise Unidentified("it takes no pictures")
    device = _processor() if current_platform.is_cpu() else current_platform.get_device_name()
    return fovea.key(
        "fovea/vllm/model/1",
        vllm.__version__,
        torch.__version__,
        current_platform.device_type,
        device,
        torch.__config__.show(),
        str(torch.backends.cudnn.version()),
        str(model.dtype),
        str(model.quantization),
        _architecture(model.hf_config),
        multimodal.compute_hash(),
        str(multimodal.video_pruning_rate),
        str(getattr(multimodal, "mm_encoder_attn_backend", None)),
        str(getattr(multimodal, "mm_encoder_tp_mode", None)),
        vllm_config.parallel_config.tensor_parallel_size,
        weights_id if weights_id is not None else _weights_key(vllm_config),
    )


def picture_key(model: fovea.Key, feature: MultiModalFeatureSpec) -> fovea.Key:
    """The key of one picture's encoder output. Raises Unidentified."""
    if feature.mm_hash is not None and feature.identifier != feature.mm_hash:
        raise Unidentified("a LoRA adapter changes the encoder")
    if feature.data is None:
        raise Unidentified("the picture's tensors are not in the scheduler's process")
    if "address" in feature.data:
        raise Unidentified("the picture's tensors are in shared memory (mm_processor_cache_type shm)")
    return fovea.key("fovea/vllm/encoder-output/1", model, feature.modality, *_fields(feature.data.get_data()))


def _fields(value: Any) -> Iterator[Any]:
    """The fields of a key: the nested tensors of a processed picture, with their names, types and shapes."""
    if isinstance(value, torch.Tensor):
        flat = value.detach().to("cpu").contiguous().reshape(-1)
        yield f"{value.dtype} {tuple(value.shape)}"
        yield memoryview(flat.view(torch.uint8).numpy())
    elif isinstance(value, np.ndarray) and value.dtype != object:
        yield f"{value.dtype} {value.shape}"
        yield memoryview(np.ascontiguousarray(value).reshape(-1).view(np.uint8))
    elif isinstance(value, dict):
        yield f"dict {len(value)}"
        for name in sorted(value):
            yield name
            yield from _fields(value[name])
    elif isinstance(value, (list, tuple)):
        yield f"list {len(value)}"
        for item in value:
            yield from _fields(item)
    elif isinstance(value, (str, bytes, int, float, bool)):
        yield value
    else:
        raise Unidentified(f"the picture has a field of type {type(value).__name__}, which has no key")


def _processor() -> str:
    """The processor's instructions and threads, which decide how its libraries round."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    flags = next((line.partition(":")[2] for line in lines if line.startswith(("flags", "Features"))), "")
    capability = torch.backends.cpu.get_cpu_capability()
    threads = [os.cpu_count(), os.environ.get("VLLM_CPU_OMP_THREADS_BIND"), os.environ.get("OMP_NUM_THREADS")]
    return f"{platform.machine()} {capability} {sorted(flags.split())} {threads}"


def _architecture(hf_config: Any) -> str:
    """The model's configuration as text, but for where it lies and which version wrote it."""
    config = hf_config.to_dict()
    for name in ("_name_or_path", "transformers_version"):
        config.pop(name, None)
    return json.dumps(config, sort_keys=True, default=str)


def _weights_key(vllm_config: VllmConfig) -> fovea.Key:
    """The content of the model's weight files."""
    from blake3 import blake3  # One of vLLM's own dependencies; it hashes with all cores.

    advice = 'name them yourself with "weights_id" in ec_connector_extra_config, and change it with the weights'
    if str(vllm_config.load_config.load_format) == "dummy":
        raise Unidentified(f"its weights are random (load_format dummy): {advice}")
    started = time.monotonic()
    files = _weight_files(vllm_config)
    if not files:
        raise Unidentified(f"no weight files were found for {vllm_config.model_config.model}: {advice}")
    fields: list[Any] = []
    for file in files:
        fields += [file.name, blake3(max_threads=blake3.AUTO).update_mmap(file).digest()]
    logger.info("%d weight files were hashed in %.1f s", len(files), time.monotonic() - started)
    return fovea.key("fovea/vllm/weights/1", *fields)


def _weight_files(vllm_config: VllmConfig) -> list[Path]:
    """The model's weight files on this machine, in a fixed order; none if they are not here."""
    from huggingface_hub import snapshot_download

    model = vllm_config.model_config
    if os.path.isfile(model.model):
        return [Path(model.model)]
    folder = model.model
    if not os.path.isdir(folder):
        try:
            folder = snapshot_download(
                model.model,
                revision=model.revision,
                cache_dir=vllm_config.load_config.download_dir,
                local_files_only=True,
            )
        except Exception as error:  # Of many kinds: whatever it is, the weights are not on this machine.
            logger.debug("%s is not on this machine: %s", model.model, error)
            return []
    return sorted(path for path in Path(folder).iterdir() if path.suffix in WEIGHT_FILES)
