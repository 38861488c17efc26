// A window over the bytes that were read and not consumed yet. It grows only while a caller needs more bytes
// than it holds, and consumed bytes are removed from its front before the next read, so memory is bounded by
// the longest line or record.
#include "trace/trace_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>

#include "base/units.h"

namespace fovea {

namespace {

constexpr std::size_t step_bytes = 1 << 20;  // one read; large, so that few calls are needed

}  // namespace

Result<TraceSource> TraceSource::open(const std::string& path) {
  const bool standard_input = path == "-";
  const std::string name = standard_input ? "standard input" : path;
  Owned<std::FILE, std::fclose> file(standard_input ? ::fdopen(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0), "rb")
                                                    : std::fopen(path.c_str(), "rbe"));
  if (!file) {
    const Fault fault = errno == ENOENT ? Fault::not_found : Fault::unavailable;
    return fail(fault, std::format("{}: {}", name, std::strerror(errno)));
  }
  struct stat facts{};
  if (::fstat(::fileno(file.get()), &facts) != 0) facts.st_size = 0;
  if (S_ISDIR(facts.st_mode)) return fail(Fault::invalid, std::format("{}: is a folder; name the files in it", name));
  return TraceSource(name, std::move(file), "", static_cast<std::uint64_t>(std::max<off_t>(facts.st_size, 0)));
}

TraceSource TraceSource::of(std::string bytes, std::string name) {
  const std::uint64_t size = bytes.size();
  TraceSource source(std::move(name), nullptr, std::move(bytes), size);
  source.read_ = size;
  return source;
}

Result<std::string_view> TraceSource::next() { return next(1); }

Result<std::string_view> TraceSource::next(std::size_t bytes) {
  while (window_.size() - start_ < bytes && file_ && !std::feof(file_.get())) {
    window_.erase(0, start_);
    start_ = 0;
    const std::size_t kept = window_.size();
    window_.resize(kept + step_bytes);
    const std::size_t got = std::fread(window_.data() + kept, 1, step_bytes, file_.get());
    window_.resize(kept + got);
    read_ += got;
    if (std::ferror(file_.get())) {
      return fail(Fault::unavailable, std::format("{}: cannot be read: {}", name_, std::strerror(errno)));
    }
  }
  return std::string_view(window_).substr(start_);
}

Result<std::optional<std::string_view>> TraceSource::line() {
  auto ahead = next();
  if (ahead && ahead->find('\n') == std::string_view::npos) ahead = next(line_bytes_max + 1);
  if (!ahead) return std::unexpected(ahead.error());
  if (ahead->empty()) return std::nullopt;
  ++line_number_;
  const std::size_t end = std::min(ahead->find('\n'), ahead->size());
  if (end > line_bytes_max) {
    return fail(Fault::too_large, std::format("{}:{}: a line of more than {}; is this a trace?", name_, line_number_,
                                              format_bytes(line_bytes_max)));
  }
  consume(std::min(end + 1, ahead->size()));
  std::string_view line = ahead->substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Result<std::string> TraceSource::rest(std::size_t bytes_max) {
  const auto all = next(bytes_max + 1);
  if (!all) return std::unexpected(all.error());
  if (all->size() > bytes_max) {
    return fail(Fault::too_large, std::format("{}: larger than {}; split it", name_, format_bytes(bytes_max)));
  }
  consume(all->size());
  return std::string(*all);
}

double TraceSource::fraction_read() const {
  if (size_ == 0) return 0;
  return std::min(1.0, static_cast<double>(read_ - (window_.size() - start_)) / static_cast<double>(size_));
}

}  // namespace fovea
