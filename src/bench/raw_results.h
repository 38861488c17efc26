// What a bench leaves behind: for each run - a scenario under one seed - a file of JSON lines, from which every table and figure is made without
// asking anybody again. The first line says what was run, then comes a line for each answer, and the last line says that it is all.
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
#include "workload/scenario.h"

namespace fovea {

struct BenchTarget {
  std::string name;
  std::string about;
  std::uint32_t every = 1;  // it was asked one request in so many, and all controls
};

struct BenchHead {
  std::uint32_t fovea_bench = 1;  // the format's version
  Scenario scenario;
  std::uint64_t seed = 0;
  std::vector<BenchTarget> targets;
  std::string load;                // "one after another, in turns", "4 clients", "open, 2 requests/s"
  std::string model;               // what this process ran; empty = nothing
  std::string pictures;            // "drawn", or a folder's name
  std::uint32_t image_tokens = 0;  // that a picture takes in the prompt; 0 = not known
  std::string settings;            // all else that changes the numbers
  std::string machine;
  std::string command;
  std::string note;
  std::string started;  // UTC, ISO 8601
};

struct BenchRecord {
  std::uint32_t request = 0;  // its place in the script
  std::string target;
  std::string kind;        // to_string(RequestKind)
  std::uint32_t pass = 1;  // 2: the same requests again, after all of the first pass
  bool restarted = false;  // asked after the restart
  std::uint32_t pictures = 0;
  double asked_ms =
      0;  // since the run began; of an open load when it should have been asked, and times count from there
  double first_ms = 0;
  double total_ms = 0;
  std::int32_t prompt_tokens = 0;
  std::int32_t answer_tokens = 0;
  std::int32_t cached_tokens = 0;
  std::map<std::string, std::string> levels;
  std::map<std::string, double> stages;
  double saved_ms = 0;
  std::string answer;  // a hash of its text: whether two are the same
  std::string error;   // why there was none
};

struct BenchTail {
  bool end = true;
  double took_ms = 0;
  std::uint32_t pictures = 0;                            // different ones, with those of controls and the warm-up
  std::map<std::string, std::vector<Holding>> holdings;  // by target
};

struct BenchRun {
  BenchHead head;
  std::vector<BenchRecord> records;
  BenchTail tail;
};

// Faults: not_found, unavailable, invalid (with the line), too_large, corrupt (it does not end).
Result<BenchRun> read_bench_run(const std::filesystem::path& file);

// Writes a run beside its place, and puts it there when it is whole: what was broken off never looks finished.
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
