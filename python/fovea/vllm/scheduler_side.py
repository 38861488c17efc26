"""The connector in the scheduler's process: what is looked up, what the workers get, what is stored.

Looking up never holds up the engine. When a request with pictures could be scheduled, its pictures are hashed
and looked up by a thread, all in one round trip, and the request waits in vLLM's queue while others run
(`ready`). It waits no longer than encoding its pictures would take, by what encoding took before; then they are
encoded. What was found is held here until the workers have it, so `found` is a promise that nothing can break.

A lookup knows its request, and with it the tenant (`cache_salt`). vLLM asks `has_cache_item` by identifier alone,
right after it asked `ensure_cache_available` of the same request: the request is remembered in between, which is
sound since one thread schedules. vLLM's own cache of encoder outputs, in the worker's memory, knows no tenants.

What is held is bounded in bytes, as is what waits to be stored. Every fault of the store is a miss: the picture
is encoded.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from vllm.distributed.ec_transfer.ec_connector.base import ECConnectorWorkerMetadata
from vllm.distributed.ec_transfer.ec_connector.utils import PlaceholderMetadataResolver

import fovea
from fovea.vllm.identity import Unidentified, model_key, picture_key
from fovea.vllm.metrics import EncoderCacheStats
from fovea.vllm.transfer import EncodedOutputs, EncoderOutput, StepMetadata

if TYPE_CHECKING:
    from vllm.config import VllmConfig
    from vllm.multimodal.inputs import MultiModalFeatureSpec
    from vllm.v1.core.sched.output import SchedulerOutput
    from vllm.v1.request import Request

logger = logging.getLogger("fovea.vllm")

# Look-ups wait for a disk or a network, not for a processor.
LOOKUP_THREADS = 4
# A look-up may take as long as encoding the same pictures took, within these bounds. Before anything was encoded it
# has the longest time: a server that has just started opens its disk and its connections.
LOOKUP_MS_LEAST, LOOKUP_MS_MOST = 20.0, 2000.0
# Outputs that were found and whose requests wait for room in the batch: a queue of requests is longer than memory.
HELD_BYTES_MAX = 1 << 30
# Outputs on their way into the store. More than this is not stored.
STORING_BYTES_MAX = 1 << 30
# Outputs that were asked of the workers. One that does not come (its step failed) must not stay for ever.
AWAITED_MAX = 4096
# What says how many places a picture has in the prompt is smaller than this, and a picture's pixels are not.
PLACEHOLDER_BYTES_MAX = 4096
# How long the end of the process waits for what is not written yet.
CLOSE_SECONDS_MAX = 5.0

STORE_SETTINGS = {
    "memory", "policy", "disk", "disk_size", "shared", "shared_password_file", "shared_ca_file", "fleet_key_file", "namespace",
}  # fmt: skip


@dataclass
class _Lookup:
    """What is known of one request's pictures."""

    asked: set[str] = field(default_factory=set)
    found: dict[str, EncoderOutput] = field(default_factory=dict)
    keys: dict[str, fovea.Key] = field(default_factory=dict)
    bypassed: set[str] = field(default_factory=set)
    running: Future[None] | None = None
    pictures: int = 0
    deadline: float = 0.0


@dataclass(frozen=True)
class _Awaited:
    """An output that a worker is to send: where it is stored."""

    salt: str
    feature: MultiModalFeatureSpec
    key: fovea.Key | None


class SchedulerSide:
    """Used by the scheduler's one thread; the threads of `_threads` touch a look-up only until it is done."""

    def __init__(self, vllm_config: VllmConfig, *, loads: bool, saves: bool) -> None:
        settings = dict(vllm_config.ec_transfer_config.ec_connector_extra_config)
        weights_id = settings.pop("weights_id", None)
        if unknown := set(settings) - STORE_SETTINGS:
            raise ValueError(
                f"ec_connector_extra_config has {', '.join(sorted(unknown))}, which FoveaECConnector does not know. "
                f"It takes {', '.join(sorted(STORE_SETTINGS))} (as fovea.Store does) and weights_id."
            )
        settings.setdefault("memory", "1GiB")
        self._loads, self._saves = loads, saves
        self._store = fovea.Store(**settings)
        self._placeholders = PlaceholderMetadataResolver(vllm_config.model_config)
        self._unavailable: set[str] = set()
        self._model: fovea.Key | None = None
        try:
            self._model = model_key(vllm_config, weights_id)
        except Unidentified as reason:
            logger.warning("encoder outputs are neither looked up nor stored: %s", reason)
        self._threads = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="fovea-vllm")
        self._scopes: OrderedDict[str, Any] = OrderedDict()
        self._lookups: dict[str, _Lookup] = {}
        self._current: _Lookup | None = None
        self._resident: set[str] = set()  # What vLLM's own cache has, as far as it told.
        self._step_loads: dict[str, EncoderOutput] = {}
        self._step_saves: set[str] = set()
        self._awaited: OrderedDict[str, _Awaited] = OrderedDict()
        self._ms_per_token: float | None = None
        self._lock = threading.Lock()  # Guards the three below, and the scopes.
        self._held_bytes = 0
        self._storing_bytes = 0
        self._stats = EncoderCacheStats()

    # What the scheduler asks, in this order.

    def ready(self, request: Request, num_computed_tokens: int) -> bool:
        """Whether all is known of the request's pictures that is going to be known before it is scheduled."""
        lookup = self._lookups.setdefault(request.request_id, _Lookup())
        self._current = lookup
        if lookup.running is None:
            wanted = [
                feature
                for feature in request.mm_features
                if feature.mm_position.offset + feature.mm_position.length > num_computed_tokens
                and feature.identifier not in self._resident
                and feature.identifier not in lookup.asked
            ]
            if any(self._cannot_be_encoded(feature) for feature in wanted):
                self._unavailable.add(request.request_id)
                return False
            if not wanted or self._model is None:
                return True
            with self._lock:
                if self._held_bytes > HELD_BYTES_MAX:
                    return False
            self._begin(lookup, request, wanted)
        assert lookup.running is not None
        if lookup.running.done():
            lookup.running = None
            return True
        if time.monotonic() < lookup.deadline:
            return False
        self._count("late", lookup.pictures)
        self._release(lookup)
        self._lookups[request.request_id] = self._current = _Lookup(asked=lookup.asked)
        return True

    def take_unavailable(self) -> set[str]:
        """Requests that vLLM has to refuse."""
        unavailable, self._unavailable = self._unavailable, set()
        return unavailable

    def found(self, identifier: str) -> bool:
        """Whether the request that `ready` was asked of need not encode this picture."""
        self._resident.discard(identifier)  # Otherwise vLLM would not ask.
        return self._current is not None and self._current.running is None and identifier in self._current.found

    def allocated(self, request: Request, index: int) -> None:
        """vLLM takes the picture into its cache in this step, from here or from its encoder."""
        feature = request.mm_features[index]
        identifier = feature.identifier
        self._resident.add(identifier)
        lookup = self._lookups.get(request.request_id, _Lookup())
        lookup.asked.discard(identifier)  # A preempted request may come again when vLLM has evicted the picture.
        output = lookup.found.pop(identifier, None)
        if output is not None:
            with self._lock:
                self._held_bytes -= output.data.nbytes
            if self._loads:
                self._step_loads[identifier] = output
            self._count("hits")
            self._count("loaded_bytes", output.data.nbytes)
        elif self._saves and self._model is not None and identifier not in lookup.bypassed:
            key = lookup.keys.get(identifier)
            self._awaited[identifier] = _Awaited(request.cache_salt or "", feature, key)
            self._step_saves.add(identifier)
            if len(self._awaited) > AWAITED_MAX:
                self._awaited.popitem(last=False)

    def step(self, scheduler_output: SchedulerOutput) -> StepMetadata:
        """What the workers need for this step."""
        self._resident.difference_update(scheduler_output.free_encoder_mm_hashes)
        metadata = StepMetadata(self._step_loads, frozenset(self._step_saves))
        self._step_loads, self._step_saves = {}, set()
        return metadata

    def encoded(self, metadata: ECConnectorWorkerMetadata) -> None:
        """Stores what a worker encoded, in a thread."""
        assert isinstance(metadata, EncodedOutputs)
        tokens = sum(output.shape[0] for output in metadata.outputs.values())
        if tokens and metadata.encode_ms > 0:
            measured = metadata.encode_ms / tokens
            before = self._ms_per_token
            self._ms_per_token = measured if before is None else 0.8 * before + 0.2 * measured
        for identifier, output in metadata.outputs.items():
            awaited = self._awaited.pop(identifier, None)
            if awaited is None:
                continue
            with self._lock:
                full = self._storing_bytes + output.data.nbytes > STORING_BYTES_MAX
                if not full:
                    self._storing_bytes += output.data.nbytes
            if full:
                self._count("not_stored")
            else:
                cost_ms = metadata.encode_ms * output.shape[0] / tokens
                self._threads.submit(self._insert, awaited, output, cost_ms)

    def finished(self, request: Request) -> None:
        """The request is over, or was given up: nothing is held for it any more."""
        lookup = self._lookups.pop(request.request_id, None)
        if lookup is not None:
            self._release(lookup)
        if self._current is lookup:
            self._current = None

    def take_stats(self) -> EncoderCacheStats | None:
        with self._lock:
            stats, self._stats = self._stats, EncoderCacheStats()
        return None if stats.is_empty() else stats

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        try:
            self._store.flush(timeout=CLOSE_SECONDS_MAX)
        except Exception as error:
            logger.warning("not all encoder outputs were written: %s", error)
        self._store.close()

    # Looking up.

    def _begin(self, lookup: _Lookup, request: Request, wanted: list[MultiModalFeatureSpec]) -> None:
        features = {feature.identifier: feature for feature in wanted}
        lookup.asked.update(features)
        lookup.pictures = len(features)
        tokens = sum(feature.mm_position.get_num_embeds() for feature in features.values())
        likely_ms = LOOKUP_MS_MOST if self._ms_per_token is None else self._ms_per_token * tokens
        lookup.deadline = time.monotonic() + min(max(likely_ms, LOOKUP_MS_LEAST), LOOKUP_MS_MOST) / 1e3
        lookup.running = self._threads.submit(self._find, lookup, request.cache_salt or "", features)

    def _find(self, lookup: _Lookup, salt: str, features: dict[str, MultiModalFeatureSpec]) -> None:
        try:
            self._find_all(lookup, salt, features)
        except Exception:
            logger.exception("encoder outputs could not be looked up")

    def _find_all(self, lookup: _Lookup, salt: str, features: dict[str, MultiModalFeatureSpec]) -> None:
        assert self._model is not None
        keys: dict[str, fovea.Key] = {}
        for identifier, feature in features.items():
            try:
                keys[identifier] = picture_key(self._model, feature)
            except Unidentified as reason:
                logger.debug("a picture is not looked up: %s", reason)
                lookup.bypassed.add(identifier)
                self._count("bypassed")
        if not keys:
            return
        lookup.keys.update(keys)
        values = self._scope(salt).get_many(list(keys.values()))
        for identifier, value in zip(keys, values, strict=True):
            output = None if value is None else self._output(value, features[identifier])
            if output is None:
                self._count("misses")
                continue
            with self._lock:
                self._held_bytes += output.data.nbytes
            lookup.found[identifier] = output

    def _cannot_be_encoded(self, feature: MultiModalFeatureSpec) -> bool:
        """Whether the request names a picture without its pixels.

        A consumer of encoder outputs accepts that, for outputs that another server sends it by `mm_hash`. Here
        content alone is a name, so there is nothing to look up, and the encoder would have nothing to encode.
        """
        data = feature.data
        if not data:
            return True
        if "address" in data or sum(_nbytes(element.data) for element in data.values()) > PLACEHOLDER_BYTES_MAX:
            return False
        metadata = self._placeholders.fields_for(feature.modality)
        return not any(element.data is not None for name, element in data.items() if name not in metadata)

    def _output(self, value: Any, feature: MultiModalFeatureSpec) -> EncoderOutput | None:
        """What was stored, if it has as many rows as vLLM has places for."""
        tensor = None if value.is_sequence else torch.from_dlpack(value)
        if tensor is None or tensor.dim() != 2 or tensor.shape[0] != feature.mm_position.get_num_embeds():
            self._count("unfit")
            return None
        return EncoderOutput.of(tensor)

    # Storing.

    def _insert(self, awaited: _Awaited, output: EncoderOutput, cost_ms: float) -> None:
        try:
            assert self._model is not None
            key = awaited.key if awaited.key is not None else picture_key(self._model, awaited.feature)
            stored = self._scope(awaited.salt).insert(key, output.tensor(), cost_ms=cost_ms)
            self._count("stored" if stored else "not_stored")
        except Unidentified as reason:
            logger.debug("a picture is not stored: %s", reason)
            self._count("not_stored")
        except Exception as error:
            logger.warning("an encoder output was not stored: %s", error)
            self._count("not_stored")
        finally:
            with self._lock:
                self._storing_bytes -= output.data.nbytes

    def _scope(self, salt: str) -> Any:
        """The store as one tenant sees it. Without a salt, requests share one scope."""
        if not salt:
            return self._store
        with self._lock:
            scope = self._scopes.pop(salt, None) or self._store.scoped(salt)
            self._scopes[salt] = scope
            if len(self._scopes) > AWAITED_MAX:
                self._scopes.popitem(last=False)
        return scope

    def _release(self, lookup: _Lookup) -> None:
        """Lets go of what a look-up found, or is going to find."""

        def release(_: Any = None) -> None:
            with self._lock:
                self._held_bytes -= sum(output.data.nbytes for output in lookup.found.values())
            lookup.found.clear()

        if lookup.running is None:
            release()
        else:
            lookup.running.cancel()
            lookup.running.add_done_callback(release)

    def _count(self, counter: str, number: int = 1) -> None:
        with self._lock:
            self._stats.add(counter, number)


def _nbytes(value: Any) -> int:
    if isinstance(value, (list, tuple)):
        return sum(_nbytes(item) for item in value)
    return getattr(value, "nbytes", 0)
