// Raw results: what a run (a scenario under one seed) leaves behind, as a file of JSON lines.
//
// Every table and figure is made from these files, so a report is made again without a model. The first line
// is the head: what was run. Then comes a line for each answer. The last line is the tail: it says that the
// run is complete. Plain values; the writer is not thread-safe.
//
// Version 2 is written. Version 1, of Fovea 0.1, is read too. In it the stage `hash` is called `name`, and
// "subject" is the old name of a target.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/target.h"
#include "fovea/result.h"
#include "trace/trace_source.h"
#include "workload/scenario.h"

namespace fovea {

struct BenchTarget {
  std::string name;
  std::string about;
  std::uint32_t every = 1;  // it received one request in so many, and all controls
};

struct BenchHead {
  std::uint32_t fovea_bench = 2;  // the format's version
  Scenario scenario;
  std::uint64_t seed = 0;
  std::vector<BenchTarget> targets;
  std::string load;                // "one after another, in turns", "4 clients", "open, 2 requests/s"
  std::string model;               // the model that this process ran; empty = none
  std::string pictures;            // "drawn", or a folder's name
  std::uint32_t image_tokens = 0;  // tokens of a picture in the prompt; 0 = not known
  std::string settings;            // everything else that changes the numbers
  std::string machine;
  std::string command;
  std::string note;
  std::string started;  // UTC, ISO 8601
};

struct BenchRecord {
  std::uint32_t request = 0;  // its index in the script
  std::string target;
  std::string kind;        // to_string(RequestKind)
  std::uint32_t pass = 1;  // 2: the same requests again, after all of the first pass
  bool restarted = false;  // sent after the restart
  std::uint32_t pictures = 0;
  // Since the run began. With an open load this is when the request was due, and the times below count from
  // there.
  double asked_ms = 0;
  double first_ms = 0;
  double total_ms = 0;
  std::int32_t prompt_tokens = 0;
  std::int32_t answer_tokens = 0;
  std::int32_t cached_tokens = 0;
  std::map<std::string, std::string> levels;
  std::map<std::string, double> stages;
  double saved_ms = 0;
  std::uint32_t tiles = 0;  // of the images whose embeddings were needed; 0 where the target does not tell
  std::uint32_t tiles_encoded = 0;
  std::string answer;  // a hash of its text, which tells whether two answers are equal
  std::string error;   // why there was no answer
};

struct BenchTail {
  bool end = true;
  double took_ms = 0;
  std::uint32_t pictures = 0;                            // different ones, including controls and the warm-up
  std::map<std::string, std::vector<Holding>> holdings;  // by target
};

struct BenchRun {
  BenchHead head;
  std::vector<BenchRecord> records;
  BenchTail tail;
};

// The head as the first line holds it.
std::string to_json(const BenchHead& head);

// The run that `source` holds. Faults: unavailable, unsupported (another version), invalid (with the line),
// too_large, corrupt (it is empty, or has no tail).
Result<BenchRun> read_bench_run(TraceSource source);
// The run in `file`. Faults: also not_found.
Result<BenchRun> read_bench_run(const std::filesystem::path& file);

// Writes a run to FILE.part, and renames it to FILE when it is complete: an interrupted run never looks
// finished.
class BenchRunWriter {
 public:
  // Faults: unavailable.
  static Result<BenchRunWriter> open(std::filesystem::path file, const BenchHead& head);
  // Times are rounded to a tenth of a microsecond.
  Result<void> add(BenchRecord record);
  Result<void> finish(const BenchTail& tail);

 private:
  explicit BenchRunWriter(std::filesystem::path file);
  Result<void> write_line(const std::string& line);

  std::filesystem::path file_, unfinished_;
  std::ofstream out_;
};

}  // namespace fovea
