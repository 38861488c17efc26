// The head is written and read field by field. A value has one encoding: what write_around would not write,
// read_value refuses, be it an expiry of -0 or a byte between two arrays that is not 0.
//
// Every product of extents is bounded before it is made, with 0 counted as 1: otherwise an array without
// elements could have extents whose strides overflow in whoever uses it.
#include "store/value/value_payload.h"

#include <algorithm>
#include <cmath>
#include <format>

#include "base/check.h"
#include "store/byte_io.h"
#include "store/record.h"

namespace fovea {

namespace {

constexpr std::uint8_t version = 1;
enum class Form : std::uint8_t { array = 1, sequence = 2 };
constexpr std::size_t fixed_head_bytes = 16;  // version, form, two reserved, count, expiry
constexpr std::size_t array_head_bytes = 8;   // type, rank, six reserved; its extents follow

std::uint64_t aligned(std::uint64_t bytes) { return (bytes + array_alignment - 1) / array_alignment * array_alignment; }

bool is_time(double unix_ms) { return std::isfinite(unix_ms) && unix_ms >= 0 && !std::signbit(unix_ms); }

// The bytes of the elements; nullopt where they, or extents besides a 0, are more than a payload can have.
std::optional<std::uint64_t> bytes_of(const ArrayShape& shape) {
  std::uint64_t bytes = element_bytes(shape.type);
  bool is_empty = false;
  for (const std::int64_t extent : shape.extents) {
    if (extent < 0) return std::nullopt;
    is_empty |= extent == 0;
    const auto factor = static_cast<std::uint64_t>(std::max<std::int64_t>(extent, 1));
    if (bytes > record_payload_bytes_max / factor) return std::nullopt;
    bytes *= factor;
  }
  return is_empty ? 0 : bytes;
}

std::vector<std::byte> head_of(const ValueFacts& facts) {
  ByteWriter head;
  head.u8(version).u8(static_cast<std::uint8_t>(facts.is_sequence ? Form::sequence : Form::array)).u8(0).u8(0);
  head.u32(static_cast<std::uint32_t>(facts.arrays.size())).f64(facts.expires_unix_ms);
  for (const ArrayShape& array : facts.arrays) {
    head.u8(static_cast<std::uint8_t>(array.type)).u8(static_cast<std::uint8_t>(array.extents.size()));
    head.u8(0).u8(0).u32(0);
    for (const std::int64_t extent : array.extents) head.u64(static_cast<std::uint64_t>(extent));
  }
  return {head.written().begin(), head.written().end()};
}

bool is_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

// The next array's shape; nullopt where it is none.
std::optional<ArrayShape> read_shape(ByteReader& reader) {
  ArrayShape shape{.type = static_cast<ElementType>(reader.u8()), .extents = {}};
  const std::size_t rank = reader.u8();
  const std::uint32_t reserved = reader.u8() | reader.u8() | reader.u32();
  if (!reader.ok() || reserved != 0 || element_bytes(shape.type) == 0 || rank > array_rank_max) return std::nullopt;
  shape.extents.reserve(rank);
  for (std::size_t i = 0; i < rank; ++i) shape.extents.push_back(static_cast<std::int64_t>(reader.u64()));
  return reader.ok() ? std::optional(std::move(shape)) : std::nullopt;
}

}  // namespace

Result<ValueLayout> ValueLayout::of(const ValueFacts& facts) {
  if (!facts.is_sequence && facts.arrays.size() != 1)
    return fail(Fault::invalid, "a value that is no sequence is one array");
  if (facts.arrays.size() > value_arrays_max) {
    return fail(Fault::too_large,
                std::format("a value has {} arrays at most; this one has {}", value_arrays_max, facts.arrays.size()));
  }
  if (!is_time(facts.expires_unix_ms)) return fail(Fault::invalid, "a value's time ends at a time, or never");
  ValueLayout layout;
  std::uint64_t head = fixed_head_bytes;
  for (const ArrayShape& array : facts.arrays) {
    if (element_bytes(array.type) == 0) return fail(Fault::invalid, "an array has elements of a known type");
    if (array.extents.size() > array_rank_max) {
      return fail(Fault::too_large, std::format("an array has {} dimensions at most; this one has {}", array_rank_max,
                                                array.extents.size()));
    }
    if (std::ranges::any_of(array.extents, [](std::int64_t extent) { return extent < 0; }))
      return fail(Fault::invalid, "an array has no negative extents");
    const auto bytes = bytes_of(array);
    if (!bytes) return fail(Fault::too_large, "an array of a value has 1 TiB at most");
    layout.places_.push_back({0, *bytes});
    head += array_head_bytes + 8 * array.extents.size();
  }
  layout.payload_bytes_ = head;
  for (Place& place : layout.places_) {
    place.offset = aligned(layout.payload_bytes_);
    layout.payload_bytes_ = place.offset + place.bytes;
    if (layout.payload_bytes_ > record_payload_bytes_max) return fail(Fault::too_large, "a value has 1 TiB at most");
  }
  return layout;
}

void ValueLayout::write_around(const ValueFacts& facts, std::span<std::byte> payload) const {
  check(payload.size() == payload_bytes_, "a payload has the room of its layout");
  const std::vector<std::byte> head = head_of(facts);
  std::ranges::copy(head, payload.begin());
  std::uint64_t end = head.size();
  for (const Place& place : places_) {
    std::ranges::fill(payload.subspan(end, place.offset - end), std::byte{0});
    end = place.offset + place.bytes;
  }
}

std::optional<StoredValue> read_value(std::span<const std::byte> payload) {
  ByteReader reader(payload);
  const bool known = reader.u8() == version;
  const auto form = static_cast<Form>(reader.u8());
  const bool reserved = (reader.u8() | reader.u8()) != 0;
  const std::uint32_t count = reader.u32();
  StoredValue value{.is_sequence = form == Form::sequence, .arrays = {}, .expires_unix_ms = reader.f64()};
  if (!reader.ok() || !known || reserved || !is_time(value.expires_unix_ms)) return std::nullopt;
  if (form != Form::array && form != Form::sequence) return std::nullopt;
  if (count > value_arrays_max || (form == Form::array && count != 1)) return std::nullopt;
  if (count > payload.size() / array_head_bytes) return std::nullopt;  // before there is room for them
  value.arrays.reserve(count);
  std::uint64_t end = fixed_head_bytes;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto shape = read_shape(reader);
    if (!shape) return std::nullopt;
    end += array_head_bytes + 8 * shape->extents.size();
    value.arrays.push_back({std::move(*shape), {}});
  }
  for (StoredArray& array : value.arrays) {
    const auto bytes = bytes_of(array.shape);
    const std::uint64_t begin = aligned(end);
    if (!bytes || begin > payload.size() || *bytes > payload.size() - begin) return std::nullopt;
    if (!is_zero(payload.subspan(end, begin - end))) return std::nullopt;
    array.bytes = payload.subspan(begin, *bytes);
    end = begin + *bytes;
  }
  if (end != payload.size()) return std::nullopt;
  return value;
}

}  // namespace fovea
