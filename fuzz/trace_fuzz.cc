// Any bytes as a trace, a set of questions or a model profile: the readers must answer, with a value or an error in words. The
// first byte chooses the format; anything above the formats lets the reader recognise it.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "trace/read_trace.h"

namespace {

using namespace fovea;

constexpr std::uint8_t formats = 6;
constexpr std::uint8_t as_profile = 7;

void read_as_profile(const std::string& bytes) {
  const auto profile = parse_model_profile(bytes, "fuzz");
  check(profile || !profile.error().message.empty(), "an error has its sentence");
  if (!profile) return;
  check(picture_terms(*profile, 1, 2).tiles >= 1, "a picture has a tile");
  check(answer_terms(*profile, 1, 2).tokens >= 1, "an answer has a token");
}

void check_sound(const Trace& trace) {
  std::uint32_t request = 0;
  for (const Lookup& lookup : trace.lookups) {
    check(lookup.key < trace.keys, "keys are dense");
    check(lookup.related == no_related || lookup.related < trace.keys, "related keys are keys");
    check(lookup.cost_ms >= 0 && lookup.time_ms >= 0, "costs and times are numbers");
    check(lookup.request >= request, "requests count up");
    request = lookup.request;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == as_profile) {
    read_as_profile(bytes);
    return 0;
  }
  ReadOptions options{.profile = {.tile_bytes = 1, .tiles = {{1, 1}}}};
  if (data[0] < formats) options.format = static_cast<TraceFormat>(data[0]);
  TraceSource sources[] = {TraceSource::of(bytes, "fuzz")};
  const auto trace = read_trace(sources, options, {});
  check(trace || !trace.error().message.empty(), "an error has its sentence");
  if (trace) check_sound(*trace);
  return 0;
}
