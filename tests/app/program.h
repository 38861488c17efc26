// The built program, run as a person or a script runs it: in a process of its own, through the shell.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace fovea {

struct Ran {
  int exit_code;
  std::string out;
  std::string err;
};

// Tests that run `fovea`, with a folder of their own for files.
class Program : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  // Runs `fovea WORDS` in the samples' folder, with a file as its input and a cache folder that lasts as long
  // as the test. What it prints is in the result, or in the file `output` where one is named.
  Ran run(const std::string& words, const std::string& input = "/dev/null", const std::string& output = "") const {
    const std::string out = folder / "out", err = folder / "err";
    const std::string command = "cd '" FOVEA_SOURCE_DIR "/samples' && XDG_CACHE_HOME='" + (folder / "cache").string() +
                                "' '" FOVEA_PROGRAM "' " + words + " <'" + input + "' >'" +
                                (output.empty() ? out : output) + "' 2>'" + err + "'";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output.empty() ? text_of(out) : "", text_of(err)};
  }

  // A file of the test's folder with this content; its path.
  std::string file(const std::string& name, std::string_view content) const {
    const std::filesystem::path path = folder / name;
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }

  static std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("fovea-program-test-" + std::to_string(::getpid()));
};

}  // namespace fovea
