// Raw results may come from another machine, or from a version of Fovea that wrote other names. So a line is
// parsed strictly, its numbers are checked before statistics are made of them, and version 1 is turned into
// version 2 line by line: the two names of keys before parsing, the name of the stage after it.
#include "bench/raw_results.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <format>
#include <glaze/glaze.hpp>
#include <ranges>
#include <string_view>
#include <utility>

namespace fovea {

// The part of a head that every version has.
struct BenchVersion {
  std::uint32_t fovea_bench = 0;
};

namespace {

constexpr std::size_t records_max = 20'000'000;  // as many as a workload may have requests
constexpr std::uint32_t version = 2, oldest_version = 1;

// Of version 1, as they are in a line: each key with the comma before it.
constexpr std::pair<std::string_view, std::string_view> renamed_keys[] = {
    {",\"subjects\":", ",\"targets\":"},  // an old name
    {",\"subject\":", ",\"target\":"},    // an old name
};

struct StrictJson : glz::opts {
  bool validate_trailing_whitespace = true;  // nothing may follow in a line
};
constexpr StrictJson strict_json{};

struct LenientJson : glz::opts {};
constexpr LenientJson lenient_json{{glz::opts{.error_on_unknown_keys = false}}};

// The words of a server that refuses may hold any character.
struct WrittenJson : glz::opts {
  bool escape_control_characters = true;
};
constexpr WrittenJson written_json{};

constexpr double ms_max = 1e12;  // 30 years: sums of times stay exact enough

bool is_time(double ms) { return ms >= 0 && ms <= ms_max; }

// Whether statistics can use it.
bool is_sound(const BenchRecord& record) {
  const auto values = record.stages | std::views::values;
  return is_time(record.total_ms) && is_time(record.first_ms) && is_time(record.saved_ms) &&
         (record.total_ms > 0 || !record.error.empty()) && std::ranges::all_of(values, is_time);
}

template <auto options, class T>
Result<void> parse(T& value, const std::string& text, const TraceSource& source) {
  if (const auto error = glz::read<options>(value, text)) {
    return fail(Fault::invalid,
                std::format("{}, line {}: {}", source.name(), source.line_number(), glz::format_error(error, text)));
  }
  return {};
}

// `line` with the keys of version 2 in place of those of `written`.
std::string current(std::string_view line, std::uint32_t written) {
  std::string text(line);
  if (written == version) return text;
  for (const auto& [old_key, key] : renamed_keys) {
    // This is a key wherever it stands: within a string value, a quote after a comma is escaped, and one that
    // ends a value is followed by no letter.
    if (const auto at = text.find(old_key); at != std::string::npos) text.replace(at, old_key.size(), key);
  }
  return text;
}

void rename_stage(BenchRecord& record) {
  auto stage = record.stages.extract("name");
  if (stage.empty()) return;
  stage.key() = "hash";
  record.stages.insert(std::move(stage));
}

Result<std::uint32_t> version_of(const std::string& line, const TraceSource& source) {
  BenchVersion head;
  if (auto parsed = parse<lenient_json>(head, line, source); !parsed) return std::unexpected(parsed.error());
  if (head.fovea_bench >= oldest_version && head.fovea_bench <= version) return head.fovea_bench;
  return fail(Fault::unsupported, std::format("{}: is of format {}; this Fovea reads {} to {}", source.name(),
                                              head.fovea_bench, oldest_version, version));
}

// Gives the version that was written.
Result<std::uint32_t> read_head(BenchHead& head, TraceSource& source) {
  head.scenario.workload.models.clear();  // glaze adds to what is there
  const auto line = source.line();
  if (!line) return std::unexpected(line.error());
  if (!*line) return fail(Fault::corrupt, std::format("{}: is empty", source.name()));
  const auto written = version_of(std::string(**line), source);
  if (!written) return written;
  if (auto parsed = parse<strict_json>(head, current(**line, *written), source); !parsed)
    return std::unexpected(parsed.error());
  head.fovea_bench = version;
  if (const char* wrong = complaint_about(head.scenario))
    return fail(Fault::invalid, std::format("{}: {}", source.name(), wrong));
  if (head.targets.empty()) return fail(Fault::invalid, std::format("{}: names no target", source.name()));
  return written;
}

Result<void> read_record(BenchRecord& record, std::string_view line, std::uint32_t written, const TraceSource& source) {
  if (auto parsed = parse<strict_json>(record, current(line, written), source); !parsed) return parsed;
  if (written < version) rename_stage(record);
  if (is_sound(record)) return {};
  return fail(Fault::invalid,
              std::format("{}, line {}: has a time that is not valid", source.name(), source.line_number()));
}

// No clock is more precise, and reports are kept.
double to_tenth_us(double ms) { return std::round(ms * 10'000) / 10'000; }

}  // namespace

std::string to_json(const BenchHead& head) { return glz::write<written_json>(head).value_or(""); }

Result<BenchRun> read_bench_run(TraceSource source) {
  BenchRun run;
  const auto written = read_head(run.head, source);
  if (!written) return std::unexpected(written.error());
  for (;;) {
    const auto line = source.line();
    if (!line) return std::unexpected(line.error());
    if (!*line) return fail(Fault::corrupt, std::format("{}: was cut off: it has no last line", source.name()));
    if ((*line)->starts_with("{\"end\"")) {
      if (auto parsed = parse<strict_json>(run.tail, std::string(**line), source); !parsed)
        return std::unexpected(parsed.error());
      return run;
    }
    if (run.records.size() == records_max)
      return fail(Fault::too_large, std::format("{}: has too many answers", source.name()));
    if (auto read = read_record(run.records.emplace_back(), **line, *written, source); !read)
      return std::unexpected(read.error());
  }
}

Result<BenchRun> read_bench_run(const std::filesystem::path& file) {
  auto source = TraceSource::open(file.string());
  if (!source) return std::unexpected(source.error());
  return read_bench_run(std::move(*source));
}

BenchRunWriter::BenchRunWriter(std::filesystem::path file)
    : file_(std::move(file)), unfinished_(file_.string() + ".part") {
  out_.open(unfinished_, std::ios::binary | std::ios::trunc);
}

Result<BenchRunWriter> BenchRunWriter::open(std::filesystem::path file, const BenchHead& head) {
  BenchRunWriter writer(std::move(file));
  if (auto written = writer.write_line(to_json(head)); !written) return std::unexpected(written.error());
  return writer;
}

Result<void> BenchRunWriter::write_line(const std::string& line) {
  out_ << line << '\n' << std::flush;
  if (!out_) return fail(Fault::unavailable, std::format("{}: {}", unfinished_.string(), std::strerror(errno)));
  return {};
}

Result<void> BenchRunWriter::add(BenchRecord record) {
  for (double* ms : {&record.asked_ms, &record.first_ms, &record.total_ms, &record.saved_ms}) *ms = to_tenth_us(*ms);
  for (auto& [stage, ms] : record.stages) ms = to_tenth_us(ms);
  return write_line(glz::write<written_json>(record).value_or(""));
}

Result<void> BenchRunWriter::finish(const BenchTail& tail) {
  if (auto written = write_line(glz::write<written_json>(tail).value_or("")); !written) return written;
  out_.close();
  std::error_code error;
  std::filesystem::rename(unfinished_, file_, error);
  if (error) return fail(Fault::unavailable, std::format("{}: {}", file_.string(), error.message()));
  return {};
}

}  // namespace fovea
