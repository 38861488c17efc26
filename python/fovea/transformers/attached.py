"""attach() and what stands between a model and its vision tower while it is attached.

The model's class gets, in place of each method that encodes, one that asks whether this very model is
attached. An instance's own attribute would be simpler, and wrong: copies of a model (copy.deepcopy,
DataParallel) would carry it and encode with the original's weights. Models of the class that are not attached
run their method as before, and the class has its own methods back when the last one is detached or gone.

A call is cut into units (architectures.py), each is looked up, and those not known are encoded one at a time,
with the model's own method. So a unit's features do not depend on which pictures it came with, and a hit is
what a miss computes, to the last bit. Threads that meet the same unknown unit encode it once. Features are
copied into the tensors that the model gets: what the model, or who reads its output, writes into them never
reaches the cache.
"""

import collections
import functools
import inspect
import logging
import threading
import time
import weakref
from dataclasses import dataclass, field

import torch

import fovea

from . import architectures, fingerprint
from .architectures import PassThrough

log = logging.getLogger("fovea")

# Arguments that ask for more than the features: the tower has to run.
FULL_OUTPUT = ("output_hidden_states", "output_attentions")

REASONS_MAX = 64  # that are told apart: some of them name shapes, and a client chooses those

_attached = weakref.WeakKeyDictionary()  # model -> Attached
_class_users = collections.Counter()  # class -> how many models of it are attached
_class_lock = threading.RLock()


def attach(model: torch.nn.Module, store: "fovea.Store | fovea.Level") -> "Attached":
    """Gives every vision tower call of `model` a cache in `store`, a fovea.Store or fovea.Level.

    Returns an `Attached`, which detaches again, also as a context manager. Raises ValueError if the model's
    family is not supported, or the model is attached already.
    """
    return Attached(model, store)


@dataclass(frozen=True)
class AttachedStats:
    """What came of the calls so far. A unit is a picture, a tile or a video."""

    calls: int = 0  # of the method that encodes
    hits: int = 0  # units found
    misses: int = 0  # units encoded
    bypasses: int = 0  # calls passed through
    encode_ms: float = 0.0  # spent in the model's own method, for units
    vision_ms: float = 0.0  # spent in all: naming, finding, encoding, storing
    reasons: dict[str, int] = field(default_factory=dict)  # of the bypasses, and how often


class Attached:
    """A model with a cache. Thread-safe. Holds the store, and does not keep the model alive."""

    def __init__(self, model: torch.nn.Module, store: "fovea.Store | fovea.Level") -> None:
        if not isinstance(store, (fovea.Store, fovea.Level)):
            raise TypeError(
                f"the store has to be a fovea.Store or fovea.Level, and is a {type(store).__name__}"
            )
        base, self._architecture = architectures.find(model)
        self._store = store
        self._model = weakref.ref(base)
        self._weights = fingerprint.Weights()
        self._lock = threading.Lock()
        self._stats = collections.Counter()
        self._reasons = collections.Counter()
        kind = type(base)
        with _class_lock:
            if base in _attached:
                raise ValueError(f"this {type(model).__name__} has a cache already: detach() that one first")
            if not _class_users[kind]:
                for name in self._architecture.methods:
                    _put_method(kind, name)
            _class_users[kind] += 1
            _attached[base] = self
        self._release = weakref.finalize(
            base, _release, kind, tuple(self._architecture.methods), self._weights
        )
        self._release.atexit = False

    def detach(self) -> None:
        """Leaves the model as it was. Does nothing the second time."""
        base = self._model()
        if base is not None and _attached.get(base) is self:
            del _attached[base]
        self._release()

    def __enter__(self) -> "Attached":
        return self

    def __exit__(self, *_: object) -> None:
        self.detach()

    def __repr__(self) -> str:
        state = f"attached to {self._architecture.family}" if self._release.alive else "detached"
        stats = self.stats()
        counts = f"{stats.hits} hits, {stats.misses} misses, {stats.bypasses} bypasses"
        return f"<fovea.transformers.Attached: {state}, {counts}>"

    def stats(self) -> AttachedStats:
        """An AttachedStats of the calls so far."""
        with self._lock:
            return AttachedStats(**self._stats, bypasses=self._reasons.total(), reasons=dict(self._reasons))

    def refresh(self) -> None:
        """Makes the next call hash the weights again. Needed only after writes through `.data` into single
        numbers.
        """
        self._weights.forget()

    def _encode(self, method, original, model, args, kwargs):
        begin = time.perf_counter()
        try:
            arguments, constants = self._arguments(method, original, model, args, kwargs)
            names = self._architecture.methods[method]
            units, grouping = self._architecture.layout.units(model, names, arguments)
            keys = self._keys(model, units, constants)
            found = self._store.get_many(keys)
        except (PassThrough, fovea.FoveaError) as reason:
            self._pass_through(str(reason))
            return original(model, *args, **kwargs)
        features = self._features(original, model, units, keys, found, constants)
        output = self._architecture.layout.output(model, features, grouping)
        self._count(calls=1, vision_ms=(time.perf_counter() - begin) * 1e3)
        return output

    def _arguments(self, method, original, model, args, kwargs):
        """What varies with pictures, and what is the same for all of them. Raises PassThrough."""
        if fingerprint.is_training(model):
            raise PassThrough("the vision tower is in training mode: call model.eval()")
        names = self._architecture.methods[method]
        bound = _signature(original).bind(model, *args, **kwargs).arguments
        bound.pop("self", None)
        bound.update(bound.pop("kwargs", {}))
        if not bound.pop("return_dict", getattr(model.config, "return_dict", True)):
            raise PassThrough("return_dict=False: tuples hold more than the features")
        pictures, constants = {}, {}
        for name, value in bound.items():
            if name in names or name == "image_sizes":
                pictures[name] = value
            elif name in FULL_OUTPUT:
                if value:
                    raise PassThrough(f"{name}={value} asks for more than the features")
            elif value is None or value == getattr(model.config, name, None):
                pass  # what the configuration says, and that is in the key
            elif _is_constant(value):
                constants[name] = value
            else:
                raise PassThrough(
                    f"{name} is a {type(value).__name__}, of which a picture's part is not known"
                )
        if torch.is_grad_enabled():
            if any(isinstance(value, torch.Tensor) and value.requires_grad for value in pictures.values()):
                raise PassThrough("pixels need gradients")
            if fingerprint.needs_gradients(model):
                raise PassThrough(
                    "gradients through the vision tower: call under torch.no_grad(), or freeze its parameters"
                )
        return pictures, constants

    def _keys(self, model, units, constants):
        device, dtype = fingerprint.place(model)
        computed_by = self._weights.key(model)
        kernels = fingerprint.kernels(device, dtype)
        said = repr(sorted(constants.items()))
        return [
            fovea.key(
                "transformers/unit/1",
                computed_by,
                kernels,
                said,
                *(
                    part
                    for name, tensor in unit.arguments.items()
                    for part in (name, *fingerprint.described(tensor))
                ),
            )
            for unit in units
        ]

    def _features(self, original, model, units, keys, found, constants):
        device, _ = fingerprint.place(model)
        here = {}  # by key: a picture that is twice in the call is encoded once, even if it cannot be stored
        for unit, key, value in zip(units, keys, found):
            if key in here:
                self._count(hits=1)
            elif value is not None:
                self._count(hits=1)
                here[key] = _tensors(value, device)
            else:
                here[key] = self._find_or_encode(original, model, unit, key, constants, device)
        return [here[key] for key in keys]

    def _find_or_encode(self, original, model, unit, key, constants, device):
        encoded = []

        def encode():
            begin = time.perf_counter()
            with torch.no_grad():
                output = original(model, **unit.arguments, **constants, return_dict=True)
            encoded[:] = [part.detach() for part in self._architecture.layout.features(output)]
            stored = [part.to("cpu").contiguous() for part in encoded]
            self._count(misses=1, encode_ms=(time.perf_counter() - begin) * 1e3)
            return stored

        try:
            value = self._store._get_or_compute_missed(key, encode)
        except fovea.FoveaError as fault:
            log.warning("fovea.transformers: a picture is encoded without the cache: %s", fault)
            if not encoded:
                encode()
        if encoded:
            return tuple(encoded)
        self._count(hits=1)  # another thread encoded it meanwhile
        return _tensors(value, device)

    def _pass_through(self, reason):
        with self._lock:
            self._stats["calls"] += 1
            if reason not in self._reasons and len(self._reasons) >= REASONS_MAX:
                reason = "reasons beyond the first of them"
            self._reasons[reason] += 1
            first = self._reasons[reason] == 1
        if first:
            log.warning("fovea.transformers: a call is passed through, not cached: %s", reason)

    def _count(self, **numbers):
        with self._lock:
            for name, number in numbers.items():
                self._stats[name] += number


def _put_method(kind, name):
    original = getattr(kind, name)
    if hasattr(original, "fovea_original"):  # inherited from a class of which a model is attached as well
        original = original.__wrapped__

    @functools.wraps(original)
    def method(self, *args, **kwargs):
        # A compiler that traces sees the original alone, and nothing breaks its graph.
        if torch.compiler.is_compiling():
            return original(self, *args, **kwargs)
        attached = _attached.get(self)
        if attached is None:
            return original(self, *args, **kwargs)
        return attached._encode(name, original, self, args, kwargs)

    method.fovea_original = vars(kind).get(name)  # None: inherited
    setattr(kind, name, method)


def _release(kind, names, weights):
    weights.forget()  # what it compares with keeps memory of the weights alive
    with _class_lock:
        _class_users[kind] -= 1
        if _class_users[kind]:
            return
        del _class_users[kind]
        for name in names:
            original = vars(kind)[name].fovea_original
            if original is None:
                delattr(kind, name)
            else:
                setattr(kind, name, original)


@functools.lru_cache(maxsize=64)
def _signature(function):
    return inspect.signature(function)


def _is_constant(value):
    if isinstance(value, (list, tuple)):
        return all(map(_is_constant, value))
    return isinstance(value, (bool, int, float, str))


def _tensors(value, device):
    """The tensors that a stored value holds, on `device`. On a processor they are the cache's own memory:
    read only.
    """
    return tuple(torch.from_dlpack(part).to(device) for part in value)
