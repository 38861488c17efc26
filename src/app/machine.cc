#include "app/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <cstdint>
#include <format>
#include <fstream>
#include <string_view>
#include <thread>

#include "base/units.h"

namespace fovea::app {

namespace {

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t value = line.find(": ");
    if (line.starts_with("model name") && value != std::string::npos) return line.substr(value + 2);
  }
  return "processor unknown";
}

}  // namespace

std::string machine_line() {
  std::string line = std::format("{}, {} processors", processor_name(), std::thread::hardware_concurrency());
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGE_SIZE);
  if (pages > 0 && page > 0)
    line += ", " + format_bytes(static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page));
  utsname system{};
  if (uname(&system) == 0) {
    const std::string_view release = system.release;  // the part behind the dash names the builder
    line += std::format(", {} {}", system.sysname, release.substr(0, release.find('-')));
  }
  return line;
}

}  // namespace fovea::app
