// A file is recognised by its first 4 KiB and the end of its name. The order of the checks matters:
// compressed files first, then binary records, then JSON by the fields that it names, then CSV by its header.
// A file that fits none is refused, so that an image is not replayed as a trace.
#include "trace/trace_format.h"

#include <array>
#include <cstring>
#include <format>
#include <utility>

namespace fovea {

namespace {

constexpr std::size_t head_bytes = 1 << 12;  // enough to reach the first objects behind a data set's header

struct Packed {
  std::string_view first_bytes;
  std::string_view unpacker;
};

constexpr std::array<Packed, 3> packed_files{{{"\x1f\x8b", "zcat"},
                                              {"\x28\xb5\x2f\xfd", "zstdcat"},
                                              {"\xfd"
                                               "7zXZ",
                                               "xzcat"}}};

// Whether `json` has a field `name` whose value begins with `begins`.
bool has_field(std::string_view json, std::string_view name, std::string_view begins = "") {
  const std::string quoted = std::format("\"{}\"", name);
  for (std::size_t at = json.find(quoted); at != std::string_view::npos; at = json.find(quoted, at + 1)) {
    std::string_view after = json.substr(at + quoted.size());
    after.remove_prefix(std::min(after.find_first_not_of(" \t\r\n"), after.size()));
    if (!after.starts_with(':')) continue;
    after.remove_prefix(1);
    after.remove_prefix(std::min(after.find_first_not_of(" \t\r\n"), after.size()));
    if (after.starts_with(begins)) return true;
  }
  return false;
}

// Whether `head` may be oracleGeneral records: it is binary, and each record's next look-up of its object is
// a number above 0 or -1 (none). So an image or an archive is not taken for a trace.
bool like_records(std::string_view head) {
  constexpr std::size_t record_bytes = 24, next_at = 16;
  if (!head.contains('\0') || head.size() < record_bytes) return false;
  for (; head.size() >= record_bytes; head.remove_prefix(record_bytes)) {
    std::int64_t next = 0;
    std::memcpy(&next, head.data() + next_at, sizeof next);
    if (next < -1 || next == 0) return false;
  }
  return true;
}

TraceFormat json_format(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\n'));
  if (has_field(head, "questions", "[")) return TraceFormat::question_document;
  if (has_field(line, "key")) return TraceFormat::jsonl;
  if (has_field(line, "image") || has_field(line, "image_id")) return TraceFormat::question_lines;
  return TraceFormat::workload;
}

}  // namespace

Result<TraceFormat> recognise(TraceSource& source) {
  const auto ahead = source.next(head_bytes);
  if (!ahead) return std::unexpected(ahead.error());
  const std::string_view head = ahead->substr(0, head_bytes);
  if (head.empty()) return fail(Fault::invalid, std::format("{}: is empty", source.name()));
  for (const auto& [first_bytes, unpacker] : packed_files) {
    if (!head.starts_with(first_bytes)) continue;
    return fail(Fault::unsupported, std::format("{0}: is compressed; unpack it on the way:  {1} <{0} | fovea replay -",
                                                source.name(), unpacker));
  }
  const auto named = [&](std::string_view ending) { return source.name().ends_with(ending); };
  if (named(".oracleGeneral") || named(".oracleGeneral.bin") || like_records(head)) return TraceFormat::oracle_general;
  const std::size_t text = head.find_first_not_of(" \t\r\n");
  if (text != std::string_view::npos && head[text] == '{') return json_format(head.substr(text));
  const std::string_view header = head.substr(0, head.find('\n'));
  if ((header.contains("key") && header.contains(',')) || named(".csv")) return TraceFormat::csv;
  return fail(Fault::invalid, std::format("{}: no known trace format; name it with --format, or see "
                                          "fovea replay --help for the formats",
                                          source.name()));
}

}  // namespace fovea
