// The simulation's process sends lines: its progress as numbers, and at its end the outcome as JSON. It ends
// without running any destructor: its memory goes with it, and what still waits in the simulated fleet too.
#include "cluster/simulate.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <format>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cluster/fleet_run.h"
#include "cluster/network/simgrid_world.h"
#include "cluster/outcome_json.h"

namespace fovea {

namespace {

void write_line(int pipe, std::string line) {
  line += '\n';
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t written = write(pipe, line.data() + done, line.size() - done);
    if (written < 0 && errno != EINTR) _exit(EXIT_FAILURE);  // nobody reads it any more
    if (written > 0) done += static_cast<std::size_t>(written);
  }
}

[[noreturn]] void run_here(const Fleet& fleet, int pipe) {
  const Stopwatch watch;
  SimGridWorld world(links_of(fleet));
  FleetRun run(fleet, world, world);
  run.begin([&] { world.stop(); }, [&](double fraction) { write_line(pipe, std::format("{}", fraction)); });
  world.run();
  FleetOutcome outcome = run.outcome();
  outcome.messages = world.messages();
  outcome.events = world.events();
  outcome.wall_seconds = watch.elapsed_ms() / 1000;
  write_line(pipe, to_json(outcome));
  _exit(EXIT_SUCCESS);
}

// Reads lines until the other process has ended; the last one that is no number.
std::string read_outcome(int pipe, const Progress& progress) {
  std::string read_ahead, outcome;
  std::array<char, 65536> bytes;
  for (;;) {
    const ssize_t count = read(pipe, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return outcome;
    read_ahead.append(bytes.data(), static_cast<std::size_t>(count));
    for (std::size_t end = 0; (end = read_ahead.find('\n')) != std::string::npos;) {
      double fraction = 0;
      const auto [rest, error] = std::from_chars(read_ahead.data(), read_ahead.data() + end, fraction);
      if (error == std::errc() && rest == read_ahead.data() + end)
        report_progress(progress, fraction);
      else
        outcome = read_ahead.substr(0, end);
      read_ahead.erase(0, end + 1);
    }
  }
}

std::string end_of(int status) {
  if (WIFSIGNALED(status)) return std::format("it was ended by signal {}", WTERMSIG(status));
  return std::format("it ended with {}", WEXITSTATUS(status));
}

}  // namespace

Result<FleetOutcome> simulate(const Fleet& fleet, const Progress& progress) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Fault::unavailable, "no pipe for the simulation's process");
  std::fflush(nullptr);  // what waits to be written is this process's to write
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return fail(Fault::unavailable, "no process for the simulation: too many processes, or too little memory");
  }
  if (child == 0) {
    close(ends[0]);
    run_here(fleet, ends[1]);
  }
  close(ends[1]);
  const std::string json = read_outcome(ends[0], progress);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0)
    return fail(Fault::unavailable,
                std::format("the simulation of \"{}\" did not end as it should: {}. A smaller fleet or load needs less "
                            "memory",
                            fleet.name, end_of(status)));
  return parse_outcome(json);
}

}  // namespace fovea
