// SPDX-License-Identifier: Apache-2.0

// What callers pass, checked: sizes, costs, times.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "fovea/policy_kind.h"
#include "python.h"

namespace fovea::python {

// Bytes: an int, or text such as "2GiB". ValueError or TypeError, which name `argument`.
std::uint64_t bytes_argument(nb::handle size, std::string_view argument);

PolicyKind policy_argument(std::string_view name);

// What a caller says of a value that it stores.
struct InsertTerms {
  std::optional<double> cost_ms;  // compute that a hit saves
  double importance = 0.5;        // [0, 1]
  std::optional<double> ttl;      // seconds

  // Checked. ValueError.
  static InsertTerms of(nb::handle cost_ms, nb::handle importance, nb::handle ttl);
};

// The deadline of so many seconds from now on; None: `otherwise`.
double seconds_argument(nb::handle seconds, double otherwise);

}  // namespace fovea::python
