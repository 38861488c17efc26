// SPDX-License-Identifier: Apache-2.0

// What is in memory is found with the GIL held, as in a Level. Whatever may ask a tier is done without it.
#include "store.h"

#include <algorithm>
#include <filesystem>
#include <format>
#include <string>
#include <vector>

#include "arguments.h"
#include "base/clock.h"
#include "base/units.h"
#include "computing.h"
#include "encode.h"
#include "errors.h"
#include "interruptible.h"
#include "key.h"
#include "miss_clock.h"
#include "stats.h"
#include "store_home.h"
#include "value.h"
#include "waiter.h"

namespace fovea::python {

namespace {

constexpr double ms_per_s = 1000;
constexpr double flush_seconds = 60;  // what a flush without a time waits at most

// A cost that nobody said, as it was measured. Less than this was no computation: the value was there already,
// and what it cost is not known. Otherwise no tier would take it.
double known_cost_ms(double measured_ms) {
  constexpr double computation_min_ms = 1;
  return measured_ms < computation_min_ms ? 0 : measured_ms;
}

nb::object python_value(Blob payload) {
  auto value = Value::of(std::move(payload));
  return value ? nb::cast(*std::move(value)) : nb::none();
}

// The value of `key`, or null.
nb::object found(PyStore& store, StoreState& state, const Key& key) {
  std::optional<Record> record = state.find_in_memory(key, store.scope);
  if (!record && !state.has_tiers()) {
    record = state.find(key, store.scope);  // counts the miss, and removes what is over
  } else if (!record) {
    {
      const nb::gil_scoped_release released;
      record = state.find(key, store.scope);
    }
    log_messages(state);
  }
  return record ? python_value(std::move(record->payload)) : nb::object();
}

nb::object find(PyStore& store, nb::handle key, nb::handle otherwise) {
  const Key stored = store.scope.stored(key_of(key));
  const auto state = store.home->state();
  if (nb::object value = found(store, *state, stored); value.is_valid()) return value;
  MissClock::here().missed(store.home.get(), std::span(&stored, 1));
  return nb::borrow(otherwise);
}

[[noreturn]] void raise_key_error(nb::handle key) {
  PyErr_SetObject(PyExc_KeyError, key.ptr());
  throw nb::python_error();
}

nb::object item(PyStore& store, nb::handle key) {
  nb::object value = find(store, key, nb::none());
  if (value.is_none()) raise_key_error(key);
  return value;
}

bool contains(PyStore& store, nb::handle key) {
  const Key stored = store.scope.stored(key_of(key));
  const auto state = store.home->state();
  if (!state->has_tiers()) return state->find_in_memory(stored, store.scope).has_value();
  return found(store, *state, stored).is_valid();
}

// What memory has, without asking a tier or counting a miss; None where it has nothing.
nb::object peek(PyStore& store, nb::handle key) {
  const Key stored = store.scope.stored(key_of(key));
  const auto state = store.home->state();
  auto record = state->find_in_memory(stored, store.scope);
  return record ? python_value(std::move(record->payload)) : nb::none();
}

RecordHeader header_of(const PyStore& store, const InsertTerms& terms, double cost_ms) {
  return {.kind = RecordKind::value,
          .scope = store.scope.id,
          .cost_ms = cost_ms,
          .importance = static_cast<float>(terms.importance),
          .made_unix_ms = unix_time_ms()};
}

bool insert(PyStore& store, nb::handle key, nb::handle value, nb::handle cost_ms, nb::handle importance,
            nb::handle ttl) {
  const Key stored = store.scope.stored(key_of(key));
  const InsertTerms terms = InsertTerms::of(cost_ms, importance, ttl);
  const auto state = store.home->state();
  const double cost =
      terms.cost_ms.value_or(known_cost_ms(MissClock::here().cost_ms(store.home.get(), stored).value_or(0)));
  const double expires_unix_ms = terms.ttl ? unix_time_ms() + *terms.ttl * ms_per_s : 0;
  const std::optional<Blob> record =
      record_of(value, store.home->value_bytes_max(), header_of(store, terms, cost), expires_unix_ms);
  if (!record) {  // larger than memory and any tier takes: not even copied, and no older value is left
    const nb::gil_scoped_release released;
    state->erase(stored);
    return false;
  }
  bool taken = false;
  {
    const ReleaseFor released(state->has_tiers() ? bytes_worth_releasing : record->size());
    taken = state->insert(stored, *record, store.scope);
  }
  log_messages(*state);
  return taken;
}

void set_item(PyStore& store, nb::handle key, nb::handle value) {
  insert(store, key, value, nb::none(), nb::float_(0.5), nb::none());
}

void delete_item(PyStore& store, nb::handle key) {
  const Key stored = store.scope.stored(key_of(key));
  const auto state = store.home->state();
  bool was_there = false;
  {
    const nb::gil_scoped_release released;
    was_there = state->contains(stored) || (state->has_tiers() && state->find(stored, store.scope).has_value());
    state->erase(stored);  // also where the look-up did not reach the tier that has it
  }
  log_messages(*state);
  if (!was_there) raise_key_error(key);
}

nb::list find_many(PyStore& store, nb::handle keys) {
  std::vector<Key> stored;
  for (const nb::handle key : keys) stored.push_back(store.scope.stored(key_of(key)));
  const auto state = store.home->state();
  std::vector<std::optional<Record>> records;
  {
    const nb::gil_scoped_release released;
    records = state->find_many(stored, store.scope);
  }
  log_messages(*state);
  nb::list values;
  std::vector<Key> missed;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    if (!records[i]) missed.push_back(stored[i]);
    values.append(records[i] ? python_value(std::move(records[i]->payload)) : nb::none());
  }
  if (!missed.empty()) MissClock::here().missed(store.home.get(), missed);
  return values;
}

nb::object find_or_compute(PyStore& store, nb::handle key, nb::handle compute, nb::handle cost_ms,
                           nb::handle importance, StoreState::Tried tried) {
  const Key stored = store.scope.stored(key_of(key));
  const InsertTerms terms = InsertTerms::of(cost_ms, importance, nb::none());
  const auto state = store.home->state();
  if (auto record = state->find_in_memory(stored, store.scope)) return python_value(std::move(record->payload));
  Computing computing(store.home.get(), stored);
  const auto compute_record = [&] {
    return computing.run([&] {
      const Stopwatch watch;
      const nb::object value = compute();
      const double took_ms = terms.cost_ms.value_or(known_cost_ms(watch.elapsed_ms()));
      return *record_of(value, any_bytes, header_of(store, terms, took_ms), 0);
    });
  };
  auto made = interruptible(
      [&](std::stop_token stop) {
        return state->get_or_compute(stored, store.scope, compute_record, std::move(stop), tried);
      },
      [&](const Result<Blob>& result) { return computing.was_stopped(result); });
  log_messages(*state);
  computing.raise_again();
  return python_value(taken(std::move(made)));
}

nb::object get_or_compute(PyStore& store, nb::handle key, nb::handle compute, nb::handle cost_ms,
                          nb::handle importance) {
  return find_or_compute(store, key, compute, cost_ms, importance, StoreState::Tried::nothing);
}

// Of a key that the caller has just looked for, among others: the tiers are not asked again, but for the
// shared one behind a lease.
nb::object get_or_compute_missed(PyStore& store, nb::handle key, nb::handle compute, nb::handle cost_ms,
                                 nb::handle importance) {
  return find_or_compute(store, key, compute, cost_ms, importance, StoreState::Tried::tiers);
}

// What WaitGraph knows of a key. The caller's, as Python's.
Waiter* entry(PyStore& store, nb::handle key) {
  return new Waiter(WaitNode::at(store.home.get(), store.scope.stored(key_of(key))), Waiter::Kind::entry);
}

std::vector<Key> keys_in_memory(PyStore& store) {
  const auto state = store.home->state();
  const nb::gil_scoped_release released;
  return state->keys(store.scope);
}

nb::object iterate(PyStore& store) {
  nb::list list;
  for (const Key& key : keys_in_memory(store)) list.append(nb::cast(key));
  return nb::iter(list);
}

void purge(PyStore& store) {
  const auto state = store.home->state();
  {
    const nb::gil_scoped_release released;
    state->purge(store.scope);
  }
  log_messages(*state);
}

bool flush(PyStore& store, nb::handle timeout) {
  const double seconds = seconds_argument(timeout, flush_seconds);
  const auto state = store.home->state();
  const bool all = wait_for_tiers(*state, seconds);
  log_messages(*state);
  return all;
}

Stats stats(PyStore& store) {
  const auto state = store.home->state();
  log_messages(*state);
  const nb::gil_scoped_release released;
  return {state->memory_stats(), state->tier_stats()};
}

// A tenant's view is closed with the store that it is of.
void close(PyStore& store) {
  if (!store.salt) store.home->close();
}

PyStore scoped(const PyStore& store, std::string_view salt) {
  if (store.salt)
    raise({Fault::invalid, "a tenant's view of a store has no further tenants: ask the store itself", {}});
  return {store.home, store.name_space, std::string(salt), Scope::of(store.name_space, salt)};
}

std::string repr_of(PyStore& store) {
  if (store.home->is_closed()) return "<fovea.Store, closed>";
  const auto state = store.home->state();
  const LevelStats stats = state->memory_stats();
  std::string text = std::format("<fovea.Store {} entries in memory, {} of {}", stats.entries,
                                 format_bytes(stats.bytes), format_bytes(stats.bytes_max));
  for (const TierStats& tier : state->tier_stats()) text += std::format(", {}", to_string(tier.kind));
  return text + ">";
}

// A path as text: str, or what has one (pathlib). None: "".
std::string path_argument(nb::handle path) {
  if (path.is_none()) return "";
  const nb::object text = nb::steal(PyOS_FSPath(path.ptr()));
  if (!text) throw nb::python_error();
  if (!PyUnicode_Check(text.ptr())) raise(PyExc_TypeError, "a path is a str or a pathlib.Path");
  std::string name = nb::cast<std::string>(text);
  if (name.contains('\0')) raise({Fault::invalid, "a path has no character 0", {}});
  return name;
}

struct TierArguments {
  nb::handle disk, disk_size, shared, shared_password_file, shared_ca_file, fleet_key_file;
};

TierSettings tiers_of(const TierArguments& given) {
  TierSettings tiers{.may_share_without_key = true, .names = StoreSettings::names};
  tiers.disk_cache = path_argument(given.disk);
  tiers.disk_size = std::format("{}B", bytes_argument(given.disk_size, "disk_size"));
  if (!given.disk.is_none() && tiers.disk_cache.empty())
    raise({Fault::invalid, "disk: a folder has a name; None keeps nothing on a disk", {}});
  std::error_code unknown;
  if (std::filesystem::exists(tiers.disk_cache, unknown) && !std::filesystem::is_directory(tiers.disk_cache, unknown))
    raise({Fault::invalid, std::format("disk: '{}' is no folder", tiers.disk_cache), {}});
  if (!given.shared.is_none()) {
    if (!PyUnicode_Check(given.shared.ptr()))
      raise(PyExc_TypeError, std::format("shared: an address is a str; got {}", name_of_type(given.shared)));
    tiers.shared = nb::cast<std::string>(given.shared);
  }
  tiers.shared_password_file = path_argument(given.shared_password_file);
  tiers.shared_ca_file = path_argument(given.shared_ca_file);
  tiers.fleet_key_file = path_argument(given.fleet_key_file);
  if (tiers.shared.empty() && !(tiers.shared_password_file.empty() && tiers.shared_ca_file.empty()))
    raise({Fault::invalid, "shared_password_file and shared_ca_file are for a server: name one by shared", {}});
  return tiers;
}

void make_store(PyStore* self, nb::handle memory, std::string_view policy, nb::handle disk, nb::handle disk_size,
                nb::handle shared, nb::handle shared_password_file, nb::handle shared_ca_file,
                nb::handle fleet_key_file, std::string name_space) {
  StoreSettings settings{
      .memory_bytes = bytes_argument(memory, "memory"),
      .policy = policy_argument(policy),
      .tiers = tiers_of({disk, disk_size, shared, shared_password_file, shared_ca_file, fleet_key_file})};
  // As DiskShares and ValkeyOptions have it, or more.
  if (!disk.is_none()) settings.tier_value_bytes_max = bytes_argument(disk_size, "disk_size") / 32;
  if (!shared.is_none())
    settings.tier_value_bytes_max =
        std::max<std::uint64_t>(settings.tier_value_bytes_max, ValkeyOptions{}.entry_bytes_max);
  auto state = [&] {
    const nb::gil_scoped_release released;
    return StoreState::open(settings);
  }();
  auto opened = taken(std::move(state));
  log_messages(*opened);
  const Scope scope = Scope::of(name_space, std::nullopt);
  new (self)
      PyStore{StoreHome::make(std::move(settings), std::move(opened)), std::move(name_space), std::nullopt, scope};
}

}  // namespace

void bind_store(nb::module_& module) {
  module.def("_close_all", &close_all);
  nb::class_<PyStore>(module, "Store", nb::is_weak_referenceable(),
                      "A dictionary of values in memory, and in a disk and a shared server behind it.")
      .def("__init__", &make_store, nb::arg("memory") = "1GiB", nb::kw_only(), nb::arg("policy") = "value",
           nb::arg("disk") = nb::none(), nb::arg("disk_size") = "2GiB", nb::arg("shared") = nb::none(),
           nb::arg("shared_password_file") = nb::none(), nb::arg("shared_ca_file") = nb::none(),
           nb::arg("fleet_key_file") = nb::none(), nb::arg("namespace") = "")
      .def("__getitem__", &item, nb::arg("key").none())
      .def("get", &find, nb::arg("key").none(), nb::arg("default") = nb::none())
      .def("__contains__", &contains, nb::arg("key").none())
      .def("__setitem__", &set_item, nb::arg("key").none(), nb::arg("value").none())
      .def("__delitem__", &delete_item, nb::arg("key").none())
      .def("__len__", [](PyStore& store) { return keys_in_memory(store).size(); })
      .def("__iter__", &iterate)
      .def("__bool__", [](PyStore&) { return true; })
      .def("insert", &insert, nb::arg("key").none(), nb::arg("value").none(), nb::kw_only(),
           nb::arg("cost_ms") = nb::none(), nb::arg("importance") = 0.5, nb::arg("ttl") = nb::none())
      .def("get_many", &find_many, nb::arg("keys").none())
      .def("get_or_compute", &get_or_compute, nb::arg("key").none(), nb::arg("compute").none(), nb::kw_only(),
           nb::arg("cost_ms") = nb::none(), nb::arg("importance") = 0.5)
      .def("_get_or_compute_missed", &get_or_compute_missed, nb::arg("key").none(), nb::arg("compute").none(),
           nb::kw_only(), nb::arg("cost_ms") = nb::none(), nb::arg("importance") = 0.5)
      .def("_peek", &peek, nb::arg("key").none())
      .def("_entry", &entry, nb::arg("key").none())
      .def("scoped", &scoped, nb::arg("salt"))
      .def("clear", &purge)
      .def("purge", &purge)
      .def(
          "resize", [](PyStore& store, nb::handle memory) { store.home->resize(bytes_argument(memory, "memory")); },
          nb::arg("memory").none())
      .def("stats", &stats)
      .def("flush", &flush, nb::arg("timeout") = nb::none())
      .def("close", &close)
      .def("_close_within", [](PyStore& store, double seconds) { store.home->close(seconds); })
      .def("__enter__", [](nb::handle store) { return store; })
      .def("__exit__", [](PyStore& store, nb::args) { close(store); })
      .def("__repr__", &repr_of)
      .def("__reduce_ex__", [](PyStore&, nb::handle) -> nb::object {
        raise(
            PyExc_TypeError,
            "a Store is not pickled: it holds memory, files and connections of this process. Make one in each process, "
            "with the same disk or Valkey server");
      });
}

}  // namespace fovea::python
