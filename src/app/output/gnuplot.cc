// gnuplot reads the script from one nameless temporary file and writes the plot to another: with pipes, each
// side could wait for the other. Only a plot that succeeded is copied to its place.
#include "app/output/gnuplot.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <format>
#include <fstream>

#include "base/owned.h"

namespace fovea::app {

namespace {

using File = Owned<std::FILE, std::fclose>;

// Runs gnuplot with these files as standard input and output. The result is its exit code.
Result<int> run_gnuplot(const char* argument, int input, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  std::string name = "gnuplot";
  std::string defaults = "--default-settings";  // without the user's own settings a script draws the same everywhere
  std::string word = argument;
  const std::array<char*, 4> words{name.data(), defaults.data(), word.data(), nullptr};
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, "gnuplot", &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return fail(Fault::unavailable,
                std::format("gnuplot, which draws the plots, cannot be run ({}): install the package gnuplot-nox",
                            std::strerror(error)));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A file without a name, which is deleted with its last user.
Result<File> nameless_file() {
  File file(std::tmpfile());
  if (!file) return fail(Fault::unavailable, std::format("no temporary file can be made: {}", std::strerror(errno)));
  return file;
}

std::string content_of(std::FILE* file) {
  std::string text;
  std::array<char, 1 << 16> part;
  if (std::fseek(file, 0, SEEK_SET) != 0) return text;
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), file)) text.append(part.data(), size);
  return text;
}

}  // namespace

Result<std::string> gnuplot_terminal(const std::filesystem::path& path) {
  if (path.extension() == ".svg") return "svg";
  if (path.extension() == ".png") return "pngcairo";
  return fail(Fault::unsupported, std::format("'{}' ends neither in .svg nor in .png", path.string()));
}

Result<void> check_drawing(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return fail(Fault::invalid, std::format("{} is a folder; name a file", path.string()));
  const bool there = ::access(path.c_str(), F_OK) == 0;
  if (::access(there ? path.c_str() : folder.c_str(), W_OK) != 0)
    return fail(Fault::invalid, std::format("{} cannot be written: {}", path.string(), std::strerror(errno)));
  const File nothing(std::fopen("/dev/null", "r+e"));
  if (!nothing) return fail(Fault::unavailable, "/dev/null cannot be opened");
  const auto code = run_gnuplot("--version", ::fileno(nothing.get()), ::fileno(nothing.get()));
  if (!code) return std::unexpected(code.error());
  return {};
}

Result<void> draw(std::string_view script, const std::filesystem::path& path) {
  const auto input = nameless_file();
  const auto output = nameless_file();
  if (!input) return std::unexpected(input.error());
  if (!output) return std::unexpected(output.error());
  if (std::fwrite(script.data(), 1, script.size(), input->get()) != script.size() ||
      std::fseek(input->get(), 0, SEEK_SET) != 0)
    return fail(Fault::unavailable, std::format("the plot's script cannot be written: {}", std::strerror(errno)));
  const auto code = run_gnuplot("-", ::fileno(input->get()), ::fileno(output->get()));
  if (!code) return std::unexpected(code.error());
  const std::string picture = content_of(output->get());
  if (*code != 0 || picture.empty()) return fail(Fault::internal, std::format("gnuplot failed with code {}", *code));
  std::ofstream file(path, std::ios::binary);
  file << picture;
  file.close();
  if (!file) return fail(Fault::unavailable, std::format("{}: {}", path.string(), std::strerror(errno)));
  return {};
}

}  // namespace fovea::app
