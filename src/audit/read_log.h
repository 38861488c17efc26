// read_log: the requests of a log, of any of the formats that people have, one by one.
//
// The log is read in pieces, once: a log may be larger than memory and may come through a pipe. A line that is
// no request is counted and passed over, and the first of them is told; a file that has none is an error that
// lists what is read. No address is ever asked for anything: pictures by URL are known by their name.
// Thread-safe for different calls.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "audit/audited_request.h"
#include "base/progress.h"
#include "fovea/result.h"

namespace fovea {

enum class LogFormat : std::uint8_t {
  requests,   // JSON lines: bodies of OpenAI's chat completions and Responses, or Anthropic's Messages, bare or wrapped
  litellm,    // JSON lines: LiteLLM's standard logging payload
  vllm,       // text: the log of a vLLM server
  har,        // one JSON document: what a browser or a proxy recorded
  csv,        // a line for each question about a picture: columns picture, question, and time, client
  questions,  // JSON or JSON lines: questions of a data set, as `fovea replay` reads them
  audit,      // JSON lines that `fovea serve --audit` wrote
};

// The name by which --format knows it: "requests", "litellm" and so on; and back.
std::string_view to_string(LogFormat format);
std::optional<LogFormat> log_format(std::string_view name);

struct LogOptions {
  std::optional<LogFormat> format;  // nullopt: as the first bytes say
  std::string pictures;             // the folder under which pictures that are named by path lie; empty: none is opened
  bool decode = true;               // whether pixels are compared, and not the files alone
  std::uint32_t decoded_max = 20'000;  // no more pictures than these: a decode takes some 10 ms a megapixel
};

// What there was in a log, besides its requests.
struct LogSummary {
  LogFormat format = LogFormat::requests;
  std::uint64_t requests = 0;         // that were handed out
  std::uint64_t bad_lines = 0;        // lines or entries that should be requests and are none
  std::string first_bad;              // of those: "log.jsonl:17: what is wrong"
  std::uint64_t other_entries = 0;    // lines or entries that are something else, such as a HAR file's images
  std::uint64_t pictures = 0;         // in the requests, every time
  std::uint64_t pictures_by_url = 0;  // of those, by an address that is not asked, or by a path that is not opened
  std::uint64_t undecoded = 0;        // of those with bytes: over decoded_max, or with decode off
  std::uint64_t undecodable = 0;      // of those with bytes: no picture, damaged or too large
};

// Hands each request of `path` ("-" is standard input, a folder is its pictures with the one CSV file in it) to
// `each`, in the log's order, and returns what there was.
// Faults: not_found, invalid (no log of any kind; no request in it), unsupported (compressed), unavailable.
Result<LogSummary> read_log(const std::string& path, const LogOptions& options,
                            const std::function<void(const AuditedRequest&)>& each, const Progress& progress);

}  // namespace fovea
