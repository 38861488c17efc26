// A key's number is found by its tenant, level and text framed together. Each file's times are shifted so
// that they continue where the last file ended. A response is completed when its request ends: followers_of_
// has, for each response key, where the look-ups that followed it last time begin.
#include "trace/trace_builder.h"

#include <format>
#include <utility>

namespace fovea {

namespace {

bool within(double value, double low, double high) { return value >= low && value <= high; }

Result<void> check_numbers(const Lookup& lookup) {
  if (!within(lookup.time_ms, -time_max_ms, time_max_ms))
    return fail(Fault::invalid, "the time is not a number of ms in range");
  if (!within(lookup.cost_ms, 0, cost_max_ms)) return fail(Fault::invalid, "the cost must be 0 ms or more");
  if (!within(static_cast<double>(lookup.size), 0, size_max_bytes))
    return fail(Fault::invalid, "the size must be 0 bytes to 16 TiB");
  if (!within(lookup.importance, 0, 1)) return fail(Fault::invalid, "the importance must be 0 to 1");
  return {};
}

}  // namespace

void TraceBuilder::begin_file() {
  complete_request();
  file_has_lookups_ = false;
  if (!trace_.lookups.empty()) base_ms_ = trace_.lookups.back().time_ms;
}

std::uint32_t TraceBuilder::tenant(std::string_view text) {
  const auto found = tenants_.find(text);
  if (found != tenants_.end()) return found->second;
  return tenants_.emplace(text, static_cast<std::uint32_t>(tenants_.size())).first->second;
}

Result<std::uint32_t> TraceBuilder::key(std::uint32_t tenant, TraceLevel level, std::string_view text) {
  if (text.size() > key_text_bytes_max) {
    return fail(Fault::too_large, std::format("a key of {} bytes; keys may have {}", text.size(), key_text_bytes_max));
  }
  framed_key_.assign(reinterpret_cast<const char*>(&tenant), sizeof tenant);
  framed_key_ += static_cast<char>(level);
  framed_key_ += text;
  const auto found = keys_.find(framed_key_);
  if (found != keys_.end()) return found->second;
  return keys_.emplace(framed_key_, trace_.keys++).first->second;
}

Result<void> TraceBuilder::add(Lookup lookup, bool new_request) {
  if (auto good = check_numbers(lookup); !good) return good;
  if (trace_.lookups.size() >= lookups_max) {
    return fail(Fault::too_large, std::format("more than {} look-ups; replay a part of the trace", lookups_max));
  }
  if (lookup.size > sizes_max_bytes - sizes_bytes_)
    return fail(Fault::invalid, "the sizes add up to more than 4 EiB; are they bytes?");
  if (!file_has_lookups_) file_start_ms_ = lookup.time_ms;
  if (file_has_lookups_ && lookup.time_ms < last_file_ms_) {
    return fail(Fault::invalid,
                std::format("time {} comes after {}; sort the trace by time", lookup.time_ms, last_file_ms_));
  }
  sizes_bytes_ += lookup.size;
  last_file_ms_ = lookup.time_ms;
  lookup.time_ms = base_ms_ + (lookup.time_ms - file_start_ms_);
  const bool starts = trace_.lookups.empty() || new_request || !file_has_lookups_;
  if (starts) complete_request();
  if (!trace_.lookups.empty()) lookup.request = trace_.lookups.back().request + (starts ? 1 : 0);
  file_has_lookups_ = true;
  trace_.lookups.push_back(lookup);
  return {};
}

// Remembers the look-ups that follow a response, or repeats them after one that came alone, as far as the
// bounds allow.
void TraceBuilder::complete_request() {
  const std::size_t begin = std::exchange(request_begin_, trace_.lookups.size());
  if (begin == trace_.lookups.size() || trace_.lookups[begin].level != TraceLevel::response) return;
  const Lookup response = trace_.lookups[begin];
  if (begin + 1 < trace_.lookups.size()) {
    if (followers_of_.size() <= response.key) followers_of_.resize(trace_.keys);
    followers_of_[response.key] = static_cast<std::uint32_t>(begin + 1);
    return;
  }
  if (response.key >= followers_of_.size() || followers_of_[response.key] == 0) return;
  const std::size_t first = followers_of_[response.key];
  if (response.related == no_related) trace_.lookups[begin].related = trace_.lookups[first - 1].related;
  for (std::size_t i = first; trace_.lookups[i].request == trace_.lookups[first].request; ++i) {
    Lookup repeated = trace_.lookups[i];
    if (trace_.lookups.size() >= lookups_max || repeated.size > sizes_max_bytes - sizes_bytes_) break;
    sizes_bytes_ += repeated.size;
    repeated.request = response.request;
    repeated.time_ms = response.time_ms;
    trace_.lookups.push_back(repeated);
  }
  request_begin_ = trace_.lookups.size();
}

Trace TraceBuilder::finish() && {
  complete_request();
  return std::move(trace_);
}

}  // namespace fovea
