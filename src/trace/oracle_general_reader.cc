#include "trace/oracle_general_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <format>

namespace fovea {

namespace {

static_assert(std::endian::native == std::endian::little, "records are read as they are in the file");

constexpr std::size_t record_bytes = 24;
constexpr std::size_t object_at = 4;
constexpr std::size_t size_at = 12;

template <typename T>
T value_at(std::string_view record, std::size_t offset) {
  T value;
  std::memcpy(&value, record.data() + offset, sizeof value);
  return value;
}

Result<void> add_record(std::string_view record, TraceBuilder& builder) {
  const auto key = builder.key(0, TraceLevel::embedding, record.substr(object_at, sizeof(std::uint64_t)));
  if (!key) return std::unexpected(key.error());
  // Whole seconds from several machines may step back. The order of the records counts.
  const double time_ms = std::max(builder.last_time_ms(), 1000.0 * value_at<std::uint32_t>(record, 0));
  return builder.add({.key = *key, .time_ms = time_ms, .cost_ms = 1, .size = value_at<std::uint32_t>(record, size_at)},
                     true);
}

}  // namespace

Result<void> read_oracle_general(TraceSource& source, TraceBuilder& builder, const Progress& progress) {
  for (std::uint64_t record = 0;;) {
    const auto ahead = source.next(record_bytes);
    if (!ahead) return std::unexpected(ahead.error());
    if (ahead->empty()) return {};
    if (ahead->size() < record_bytes) {
      return fail(Fault::corrupt,
                  std::format("{}: record {} is incomplete: {} bytes of {}; is this a complete oracleGeneral trace?",
                              source.name(), record + 1, ahead->size(), record_bytes));
    }
    const std::size_t whole = ahead->size() / record_bytes;
    for (std::size_t i = 0; i < whole; ++i, ++record) {
      if (const auto added = add_record(ahead->substr(i * record_bytes, record_bytes), builder); !added) {
        return fail(added.error().fault,
                    std::format("{}: record {}: {}", source.name(), record + 1, added.error().message));
      }
    }
    source.consume(whole * record_bytes);
    report_progress(progress, source.fraction_read());
  }
}

}  // namespace fovea
