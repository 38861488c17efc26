#include "bench/raw_results.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <format>
#include <glaze/glaze.hpp>
#include <ranges>

#include "trace/trace_source.h"

namespace fovea {

namespace {

constexpr std::size_t records_max = 20'000'000;  // as many as a workload may have requests
constexpr std::uint32_t version = 1;

struct StrictJson : glz::opts {
  bool validate_trailing_whitespace = true;  // nothing may follow in a line
};
constexpr StrictJson strict_json{};

// What servers say when they refuse may hold anything.
struct WrittenJson : glz::opts {
  bool escape_control_characters = true;
};
constexpr WrittenJson written_json{};

constexpr double ms_max = 1e12;  // 30 years: no sum of times loses its meaning

bool is_time(double ms) { return ms >= 0 && ms <= ms_max; }

// Whether statistics can be made of it.
bool is_sound(const BenchRecord& record) {
  const auto values = record.stages | std::views::values;
  return is_time(record.total_ms) && is_time(record.first_ms) && is_time(record.saved_ms) &&
         (record.total_ms > 0 || !record.error.empty()) && std::ranges::all_of(values, is_time);
}

template <class T>
Result<void> parse(T& value, std::string_view line, const TraceSource& source) {
  const std::string text(line);  // glaze wants a terminated buffer
  if (const auto error = glz::read<strict_json>(value, text)) {
    return fail(Fault::invalid,
                std::format("{}, line {}: {}", source.name(), source.line_number(), glz::format_error(error, text)));
  }
  return {};
}

Result<void> read_head(BenchHead& head, TraceSource& source) {
  head.scenario.workload.models.clear();  // glaze adds to what is there
  const auto line = source.line();
  if (!line) return std::unexpected(line.error());
  if (!*line) return fail(Fault::corrupt, std::format("{}: is empty", source.name()));
  if (auto parsed = parse(head, **line, source); !parsed) return parsed;
  if (head.fovea_bench != version)
    return fail(Fault::unsupported,
                std::format("{}: is of format {}, not {}", source.name(), head.fovea_bench, version));
  if (const char* wrong = complaint_about(head.scenario))
    return fail(Fault::invalid, std::format("{}: {}", source.name(), wrong));
  if (head.targets.empty()) return fail(Fault::invalid, std::format("{}: nobody was asked", source.name()));
  return {};
}

// No clock tells more, and reports are kept.
double to_tenth_us(double ms) { return std::round(ms * 10'000) / 10'000; }

}  // namespace

Result<BenchRun> read_bench_run(const std::filesystem::path& file) {
  auto source = TraceSource::open(file.string());
  if (!source) return std::unexpected(source.error());
  BenchRun run;
  if (auto read = read_head(run.head, *source); !read) return std::unexpected(read.error());
  for (;;) {
    const auto line = source->line();
    if (!line) return std::unexpected(line.error());
    if (!*line) return fail(Fault::corrupt, std::format("{}: was broken off", source->name()));
    if ((*line)->starts_with("{\"end\"")) {
      if (auto parsed = parse(run.tail, **line, *source); !parsed) return std::unexpected(parsed.error());
      return run;
    }
    if (run.records.size() == records_max)
      return fail(Fault::too_large, std::format("{}: has too many answers", source->name()));
    if (auto parsed = parse(run.records.emplace_back(), **line, *source); !parsed)
      return std::unexpected(parsed.error());
    if (!is_sound(run.records.back()))
      return fail(Fault::invalid, std::format("{}, line {}: a time is none", source->name(), source->line_number()));
  }
}

BenchRunWriter::BenchRunWriter(std::filesystem::path file)
    : file_(std::move(file)), unfinished_(file_.string() + ".part") {
  out_.open(unfinished_, std::ios::binary | std::ios::trunc);
}

Result<BenchRunWriter> BenchRunWriter::open(std::filesystem::path file, const BenchHead& head) {
  BenchRunWriter writer(std::move(file));
  if (auto written = writer.write_line(glz::write<written_json>(head).value_or("")); !written)
    return std::unexpected(written.error());
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
