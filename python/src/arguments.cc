// SPDX-License-Identifier: Apache-2.0

#include "arguments.h"

#include <cmath>
#include <format>

#include "base/units.h"
#include "errors.h"

namespace fovea::python {

namespace {

constexpr double seconds_max = 1e9;  // some thirty years; more is a mistake of units

double number_of(nb::handle number, const char* argument) {
  const double value = PyFloat_AsDouble(number.ptr());
  if (value == -1 && PyErr_Occurred()) throw nb::python_error();
  if (!std::isfinite(value)) raise(PyExc_ValueError, std::format("{}: {} is no number to go by", argument, value));
  return value;
}

}  // namespace

std::uint64_t bytes_argument(nb::handle size, std::string_view argument) {
  if (PyUnicode_Check(size.ptr())) {
    const auto bytes = parse_bytes(nb::cast<std::string_view>(size));
    if (!bytes) raise({bytes.error().fault, std::format("{}: {}", argument, bytes.error().message), {}});
    return *bytes;
  }
  if (!PyLong_Check(size.ptr()) || PyBool_Check(size.ptr())) {
    raise(PyExc_TypeError,
          std::format("{}: a size is an int of bytes, or text such as \"2GiB\"; got {}", argument, name_of_type(size)));
  }
  const unsigned long long bytes = PyLong_AsUnsignedLongLong(size.ptr());
  if (PyErr_Occurred()) {
    PyErr_Clear();
    raise({Fault::invalid, std::format("{}: a size is 0 to 2^64 - 1 bytes", argument), {}});
  }
  return bytes;
}

PolicyKind policy_argument(std::string_view name) { return taken(policy_kind_of(name)); }

InsertTerms InsertTerms::of(nb::handle cost_ms, nb::handle importance, nb::handle ttl) {
  InsertTerms terms;
  if (!cost_ms.is_none()) {
    terms.cost_ms = number_of(cost_ms, "cost_ms");
    if (*terms.cost_ms < 0) raise({Fault::invalid, "cost_ms: a cost is 0 or more milliseconds", {}});
  }
  terms.importance = number_of(importance, "importance");
  if (terms.importance < 0 || terms.importance > 1)
    raise({Fault::invalid, std::format("importance: {} is not within 0 and 1", terms.importance), {}});
  if (!ttl.is_none()) {
    terms.ttl = number_of(ttl, "ttl");
    if (*terms.ttl <= 0 || *terms.ttl > seconds_max)
      raise({Fault::invalid, std::format("ttl: {} is not within 0 and {} seconds", *terms.ttl, seconds_max), {}});
  }
  return terms;
}

double seconds_argument(nb::handle seconds, double otherwise) {
  if (seconds.is_none()) return otherwise;
  const double value = number_of(seconds, "timeout");
  if (value < 0 || value > seconds_max)
    raise({Fault::invalid, std::format("timeout: {} is not within 0 and {} seconds", value, seconds_max), {}});
  return value;
}

}  // namespace fovea::python
