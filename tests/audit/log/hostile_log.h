// check_hostile_log: checks what must hold for any bytes that are given as a log: they are read, or refused
// with a message; and what is handed out may be indexed, and is the same when it is written and read again.
//
// The fuzz target uses it, and so do the tests that replay the corpus. It ends the program where the rule
// does not hold.
#pragma once

#include <array>
#include <string>

#include "audit/audit_line.h"
#include "audit/read_log.h"
#include "base/check.h"

namespace fovea::test {

inline void check_sound(const AuditedRequest& request) {
  for (const AuditedPart& part : request.parts) {
    check(part.prefixes <= prefix_hashes_max, "prefix hashes are bounded");
    check(std::size_t{part.prefixes_begin} + part.prefixes <= request.prefix_hashes.size(), "prefix hashes are there");
    check(part.variable_at <= part.bytes, "a variable is in its text");
    check((part.kind == PartKind::image) == (part.picture != AuditedPart::no_picture), "images have a picture");
    check(part.picture == AuditedPart::no_picture || part.picture < request.pictures.size(), "pictures are there");
  }
  for (const AuditedPicture& picture : request.pictures) {
    check(picture.tiles <= tile_hashes_max, "tile hashes are bounded");
    check(std::size_t{picture.tiles_begin} + picture.tiles <= request.tile_hashes.size(), "tile hashes are there");
    check(!picture.by_url || (picture.bytes == 0 || picture.source_hash != 0), "a picture has a hash");
  }
}

inline void check_same_when_written(const AuditedRequest& request) {
  const std::string line = audit_line(request);
  std::array<TraceSource, 1> sources{TraceSource::of(line, "line")};
  std::string again;
  const auto read = read_log(sources, {.format = LogFormat::audit},
                             [&](const AuditedRequest& written) { again = audit_line(written); });
  check(read.has_value(), "a line that was written is read");
  check(again == line, "a line is read as it was written");
}

// The first byte names the format; one that names none leaves it to be recognised.
inline void check_hostile_log(std::string bytes) {
  if (bytes.empty()) return;
  LogOptions options{.decoded_max = 4};
  const auto kind = static_cast<unsigned char>(bytes.front());
  if (kind <= static_cast<unsigned char>(LogFormat::audit)) options.format = static_cast<LogFormat>(kind);
  std::array<TraceSource, 1> sources{TraceSource::of(bytes.substr(1), "log")};
  std::uint64_t requests = 0;
  const auto summary = read_log(sources, options, [&](const AuditedRequest& request) {
    ++requests;
    check_sound(request);
    if (requests <= 16) check_same_when_written(request);
  });
  check(summary || !summary.error().message.empty(), "an error has a message");
  if (!summary) return;
  check(summary->requests == requests && requests > 0, "requests are counted");
  check((summary->bad_entries > 0) == !summary->first_bad.empty(), "the first that is wrong is told");
}

}  // namespace fovea::test
