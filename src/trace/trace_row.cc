// The fields of a row are converted in one place for CSV and JSONL. Every error names the field and shows at
// most 40 printable characters of its text, so that a hostile file cannot send control sequences to a
// terminal.
#include "trace/trace_row.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <format>
#include <optional>

namespace fovea {

namespace {

// `text` as an error shows it: shortened, and without control characters.
std::string shown(std::string_view text) {
  constexpr std::size_t shown_max = 40;
  std::string plain(text.substr(0, shown_max));
  std::ranges::replace_if(plain, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text.size() <= shown_max ? plain : plain + "...";
}

Result<double> number(std::string_view field, std::string_view text, double absent) {
  if (text.empty()) return absent;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return fail(Fault::invalid, std::format("{}: '{}' is not a number", field, shown(text)));
  }
  return value;
}

Result<std::uint64_t> bytes(std::string_view text) {
  if (text.empty()) return fail(Fault::invalid, "the size is missing");
  const auto value = number("size", text, 0);
  if (!value) return std::unexpected(value.error());
  if (!(*value >= 0 && *value <= size_max_bytes)) {
    return fail(Fault::invalid, std::format("size: '{}' is not 0 bytes to 16 TiB", shown(text)));
  }
  return static_cast<std::uint64_t>(*value);
}

Result<TraceLevel> level_of(std::string_view text) {
  if (text.empty() || text == "embedding") return TraceLevel::embedding;
  if (text == "prefix") return TraceLevel::prefix;
  if (text == "response") return TraceLevel::response;
  return fail(Fault::invalid, std::format("level: '{}' is unknown; write embedding, prefix or response", shown(text)));
}

// The look-up that `row` describes, without its keys.
Result<Lookup> numbers_of(const TraceRow& row, double last_time_ms) {
  const auto size = bytes(row.size);
  const auto level = level_of(row.level);
  const auto time = number("time", row.time, last_time_ms);
  const auto cost = number("cost", row.cost, 1);
  const auto importance = number("importance", row.importance, 0.5);
  if (!size) return std::unexpected(size.error());
  if (!level) return std::unexpected(level.error());
  for (const auto* value : {&time, &cost, &importance}) {
    if (!*value) return std::unexpected(value->error());
  }
  return Lookup{.importance = static_cast<float>(*importance),
                .time_ms = *time,
                .cost_ms = *cost,
                .size = *size,
                .level = *level};
}

}  // namespace

Result<void> TraceRows::add(const TraceRow& row) {
  if (row.key.empty()) return fail(Fault::invalid, "the key is missing");
  auto lookup = numbers_of(row, builder_->last_time_ms());
  if (!lookup) return std::unexpected(lookup.error());
  lookup->tenant = builder_->tenant(row.tenant);
  const auto key = builder_->key(lookup->tenant, lookup->level, row.key);
  if (!key) return std::unexpected(key.error());
  lookup->key = *key;
  if (!row.related.empty()) {
    const auto related = builder_->key(lookup->tenant, TraceLevel::embedding, row.related);
    if (!related) return std::unexpected(related.error());
    lookup->related = *related;
  }
  const bool new_request = row.request.empty() || row.request != last_request_;
  last_request_ = row.request;
  return builder_->add(*lookup, new_request);
}

}  // namespace fovea
