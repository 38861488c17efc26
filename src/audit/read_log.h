// read_log: the requests of a log, in any of the formats that people have, one by one.
//
// The log is read in pieces, once: it may be larger than memory, and may come through a pipe. A line that is
// no request is counted and passed over, and the first of them is told. A file of another kind is an error
// that lists what is read. No address is ever asked for anything: pictures by URL are known by their name.
// Thread-safe for different calls.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "audit/audited_request.h"
#include "base/progress.h"
#include "fovea/result.h"
#include "trace/trace_source.h"

namespace fovea {

enum class LogFormat : std::uint8_t {
  requests,   // JSON lines: bodies of Chat Completions, Responses or Messages, bare or wrapped
  litellm,    // JSON lines: LiteLLM's standard logging payload
  vllm,       // text: the log of a vLLM server
  har,        // one JSON document: what a browser or a proxy recorded
  csv,        // a line for each question about a picture: columns picture, question, and time, client, model
  questions,  // JSON or JSON lines: the questions of a data set, as `fovea replay` reads them
  audit,      // JSON lines that `fovea serve --audit` wrote
};

// The name by which --format knows it, "requests" and so on; and back.
std::string_view to_string(LogFormat format);
std::optional<LogFormat> log_format(std::string_view name);
// All of them, for messages and help.
inline constexpr std::string_view log_formats = "requests, litellm, vllm, har, csv, questions, audit";

struct LogOptions {
  std::optional<LogFormat> format;     // nullopt: as the first bytes say
  std::string pictures;                // the folder of pictures that are named by path; empty: none is opened
  bool decode = true;                  // whether pixels are compared, and not files alone
  std::uint32_t decoded_max = 20'000;  // pictures; a decode takes some 10 ms a megapixel
};

// What there was in a log, besides its requests.
struct LogSummary {
  LogFormat format = LogFormat::requests;
  std::uint64_t bytes = 0;            // that were read
  std::uint64_t requests = 0;         // that were handed out
  std::uint64_t bad_entries = 0;      // lines and entries that should be requests and are none
  std::string first_bad;              // of those: "log.jsonl:17: what is wrong"
  std::uint64_t other_entries = 0;    // something else, such as what a browser loaded besides
  std::uint64_t pictures = 0;         // of the requests, each time
  std::uint64_t pictures_by_url = 0;  // of those: known by an address or a path alone
  std::uint64_t undecoded = 0;        // of those: over `decoded_max`, or `decode` is off
  std::uint64_t undecodable = 0;      // of those: no picture, damaged or too large
};

using EachRequest = std::function<void(const AuditedRequest&)>;

// Hands each request of `path` to `each`, in the log's order, and returns what there was. "-" is standard
// input. Of a folder it is the one CSV file in it, with the folder's pictures, or its .jsonl files by name.
// Faults: not_found, invalid (a log of no kind; no request in it), unsupported (compressed), unavailable.
Result<LogSummary> read_log(const std::string& path, const LogOptions& options, const EachRequest& each,
                            const Progress& progress = {});

// The same of sources that are open, one after another, each of the kind of the first.
Result<LogSummary> read_log(std::span<TraceSource> sources, const LogOptions& options, const EachRequest& each,
                            const Progress& progress = {});

}  // namespace fovea
