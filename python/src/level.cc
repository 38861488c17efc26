// SPDX-License-Identifier: Apache-2.0

// A hit keeps the GIL: it takes a fraction of a microsecond and waits for nothing, and giving the GIL up would
// cost more than that. An insertion gives it up where it copies much.
#include "level.h"

#include <format>
#include <vector>

#include "arguments.h"
#include "base/check.h"
#include "base/units.h"
#include "computing.h"
#include "encode.h"
#include "errors.h"
#include "interruptible.h"
#include "key.h"
#include "miss_clock.h"
#include "stats.h"
#include "value.h"
#include "waiter.h"

namespace fovea::python {

namespace {

constexpr double ms_per_s = 1000;

nb::object python_value(Blob payload) {
  auto value = Value::of(std::move(payload));
  check(value.has_value(), "a level of Python holds values alone");
  return nb::cast(*std::move(value));
}

nb::object find(PyLevel& level, nb::handle key, nb::handle otherwise) {
  const Key its_key = key_of(key);
  if (auto hit = level.here().find(its_key)) return python_value(std::move(hit->value));
  MissClock::here().missed(&level, std::span(&its_key, 1));
  return nb::borrow(otherwise);
}

// What memory has, without counting a miss; None where it has nothing.
nb::object peek(PyLevel& level, nb::handle key) {
  const Key its_key = key_of(key);
  if (!level.here().contains(its_key)) return nb::none();
  auto hit = level.here().find(its_key);
  return hit ? python_value(std::move(hit->value)) : nb::none();
}

nb::object item(PyLevel& level, nb::handle key) {
  nb::object found = find(level, key, nb::none());
  if (!found.is_none()) return found;
  PyErr_SetObject(PyExc_KeyError, key.ptr());
  throw nb::python_error();
}

bool insert(PyLevel& level, nb::handle key, nb::handle value, nb::handle cost_ms, nb::handle importance,
            nb::handle ttl) {
  const Key its_key = key_of(key);
  const InsertTerms terms = InsertTerms::of(cost_ms, importance, ttl);
  const double cost = terms.cost_ms ? *terms.cost_ms : MissClock::here().cost_ms(&level, its_key).value_or(0);
  std::optional<Blob> payload = payload_of(value, level.bytes_max());
  if (!payload) {  // larger than the level: not even copied, and what was there is the key's value no more
    level.here().erase(its_key);
    return false;
  }
  const ReleaseFor released(payload->size());
  const Insertion done = level.here().insert(its_key, *std::move(payload),
                                             {.cost_ms = cost,
                                              .importance = static_cast<float>(terms.importance),
                                              .ttl_ms = terms.ttl.value_or(0) * ms_per_s});
  return done == Insertion::stored;
}

void set_item(PyLevel& level, nb::handle key, nb::handle value) {
  insert(level, key, value, nb::none(), nb::float_(0.5), nb::none());
}

void delete_item(PyLevel& level, nb::handle key) {
  if (level.here().erase(key_of(key))) return;
  PyErr_SetObject(PyExc_KeyError, key.ptr());
  throw nb::python_error();
}

nb::list find_many(PyLevel& level, nb::handle keys) {
  nb::list values;
  std::vector<Key> missed;
  for (const nb::handle key : keys) {
    const Key its_key = key_of(key);
    auto hit = level.here().find(its_key);
    if (!hit) missed.push_back(its_key);
    values.append(hit ? python_value(std::move(hit->value)) : nb::none());
  }
  if (!missed.empty()) MissClock::here().missed(&level, missed);
  return values;
}

nb::object get_or_compute(PyLevel& level, nb::handle key, nb::handle compute, nb::handle cost_ms,
                          nb::handle importance) {
  const Key its_key = key_of(key);
  const InsertTerms terms = InsertTerms::of(cost_ms, importance, nb::none());
  Level& here = level.here();
  if (here.contains(its_key)) {
    if (auto hit = here.find(its_key)) return python_value(std::move(hit->value));
  }
  Computing computing(&level, its_key);
  auto made = interruptible(
      [&](std::stop_token stop) {
        return here.get_or_compute(
            its_key, [&] { return computing.run([&] { return *payload_of(compute(), any_bytes); }); },
            {.cost_ms = terms.cost_ms.value_or(0), .importance = static_cast<float>(terms.importance)},
            std::move(stop));
      },
      [&](const Result<Blob>& result) { return computing.was_stopped(result); });
  computing.raise_again();
  return python_value(taken(std::move(made)));
}

// What WaitGraph knows of a key. The caller's, as Python's.
Waiter* entry(PyLevel& level, nb::handle key) {
  return new Waiter(WaitNode::at(&level, key_of(key)), Waiter::Kind::entry);
}

nb::list keys_of(PyLevel& level) {
  std::vector<Key> keys;
  {
    const nb::gil_scoped_release released;
    level.here().for_each([&](const EntryView& entry) { keys.push_back(entry.key); });
  }
  nb::list list;
  for (const Key& key : keys) list.append(nb::cast(key));
  return list;
}

std::string repr_of(PyLevel& level) {
  const LevelStats stats = level.here().stats();
  return std::format("<fovea.Level {} entries, {} of {}>", stats.entries, format_bytes(stats.bytes),
                     format_bytes(stats.bytes_max));
}

}  // namespace

void bind_level(nb::module_& module) {
  nb::class_<PyLevel>(module, "Level", nb::is_weak_referenceable(),
                      "A dictionary of values in memory, within a budget.")
      .def(
          "__init__",
          [](PyLevel* self, nb::handle size, std::string_view policy) {
            new (self) PyLevel({.bytes_max = bytes_argument(size, "size"), .policy = policy_argument(policy)});
          },
          nb::arg("size").none(), nb::arg("policy") = "value")
      .def("__getitem__", &item, nb::arg("key").none())
      .def("get", &find, nb::arg("key").none(), nb::arg("default") = nb::none())
      .def("__contains__", [](PyLevel& level, nb::handle key) { return level.here().contains(key_of(key)); })
      .def("__setitem__", &set_item, nb::arg("key").none(), nb::arg("value").none())
      .def("__delitem__", &delete_item, nb::arg("key").none())
      .def("__len__", [](PyLevel& level) { return level.here().stats().entries; })
      .def("__iter__", [](PyLevel& level) { return nb::iter(keys_of(level)); })
      .def("__bool__", [](PyLevel&) { return true; })
      .def("insert", &insert, nb::arg("key").none(), nb::arg("value").none(), nb::kw_only(),
           nb::arg("cost_ms") = nb::none(), nb::arg("importance") = 0.5, nb::arg("ttl") = nb::none())
      .def("get_many", &find_many, nb::arg("keys").none())
      .def("get_or_compute", &get_or_compute, nb::arg("key").none(), nb::arg("compute").none(), nb::kw_only(),
           nb::arg("cost_ms") = nb::none(), nb::arg("importance") = 0.5)
      .def("_get_or_compute_missed", &get_or_compute, nb::arg("key").none(), nb::arg("compute").none(), nb::kw_only(),
           nb::arg("cost_ms") = nb::none(), nb::arg("importance") = 0.5)
      .def("_peek", &peek, nb::arg("key").none())
      .def("_entry", &entry, nb::arg("key").none())
      .def(
          "clear", [](PyLevel& level) { level.here().clear(); }, nb::call_guard<nb::gil_scoped_release>())
      .def(
          "resize", [](PyLevel& level, nb::handle size) { level.resize(bytes_argument(size, "size")); },
          nb::arg("size").none())
      .def("stats", [](PyLevel& level) { return Stats{level.here().stats(), {}}; })
      .def("__repr__", &repr_of)
      .def("__reduce_ex__", [](PyLevel&, nb::handle) -> nb::object {
        raise(PyExc_TypeError,
              "a Level is not pickled: its values are this process's memory. Make one in each process, or share values "
              "by a fovea.Store with a disk or a Valkey server");
      });
}

}  // namespace fovea::python
