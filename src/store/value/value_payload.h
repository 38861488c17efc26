// ValuePayload: arrays of another program as the payload of one record: one array, or a sequence of them.
//
// A head says what the arrays are; each array's elements then begin at a multiple of 64 bytes, so that they
// are used where they lie. docs/format.md describes every byte. Pure functions; thread-safe. What is read
// comes from a disk or another machine, so nothing of it is believed before it was checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fovea/result.h"
#include "store/value/element_type.h"

namespace fovea {

constexpr std::size_t array_rank_max = 32;      // dimensions: more than any framework's tensors have
constexpr std::size_t value_arrays_max = 4096;  // of one sequence
constexpr std::size_t array_alignment = 64;     // bytes: a cache line

// An array of C order.
struct ArrayShape {
  ElementType type = ElementType::uint8;
  std::vector<std::int64_t> extents;  // none: a single element

  friend bool operator==(const ArrayShape&, const ArrayShape&) = default;
};

// What a payload holds, besides the elements.
struct ValueFacts {
  bool is_sequence = false;  // else it is one array
  std::vector<ArrayShape> arrays;
  double expires_unix_ms = 0;  // when its time is over, by the wall clock; 0 = never

  friend bool operator==(const ValueFacts&, const ValueFacts&) = default;
};

// Where everything of a payload lies.
class ValueLayout {
 public:
  // Faults: too_large: more arrays, dimensions or bytes than a payload can have; invalid: a negative extent,
  // a value that is no sequence and not one array, a time that is no time.
  static Result<ValueLayout> of(const ValueFacts& facts);

  std::uint64_t payload_bytes() const { return payload_bytes_; }
  // Where array `index` begins in the payload, and how many bytes it has.
  std::uint64_t offset(std::size_t index) const { return places_[index].offset; }
  std::uint64_t bytes(std::size_t index) const { return places_[index].bytes; }

  // Writes all of a payload but the elements: the head, and zeros between the arrays.
  // REQUIRES: the facts it was made of; payload.size() is payload_bytes().
  void write_around(const ValueFacts& facts, std::span<std::byte> payload) const;

 private:
  struct Place {
    std::uint64_t offset, bytes;
  };
  std::vector<Place> places_;
  std::uint64_t payload_bytes_ = 0;
};

// An array where it lies.
struct StoredArray {
  ArrayShape shape;
  std::span<const std::byte> bytes;  // in the payload it was read from
};

struct StoredValue {
  bool is_sequence = false;
  std::vector<StoredArray> arrays;
  double expires_unix_ms = 0;
};

// What `payload` holds, if it is a payload and exactly one; nullopt otherwise. It is read up to the first
// element, and between the arrays.
std::optional<StoredValue> read_value(std::span<const std::byte> payload);

}  // namespace fovea
