// Model files that are damaged on purpose, to test whether the engine survives them.
//
// A MutilatedFile is a copy of a model file in a scratch folder, whose bytes can be changed and restored. A
// damaged pair is given to the libraries in a child process, so that a crash is a result and not the end of
// the test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::test {

// A folder that is removed with its content at the end.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class MutilatedFile {
 public:
  // A copy of `original` under `path`.
  MutilatedFile(const std::filesystem::path& original, std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::size_t size() const { return bytes_.size(); }
  // Where metadata and tensor list end and the weights begin.
  std::size_t head_bytes() const { return head_bytes_; }
  // Where the length-prefixed text `text` lies, the length not counted. REQUIRES: the head has it.
  std::size_t position_of(std::string_view text) const;

  // Each changes the file on disk until restore().
  void truncate(std::size_t length);
  void flip_bit(std::size_t byte, int bit);
  // Writes `text` over the text `old` of the same length: a key, a token or a tensor's name.
  void rename(std::string_view old, std::string_view text);
  void set_u32(std::string_view key, std::uint32_t value);
  void set_f32(std::string_view key, float value);
  // The extent of a tensor's dimension, which must exist.
  void set_extent(std::string_view tensor, std::size_t dimension, std::uint64_t extent);
  void restore();

 private:
  void patch(std::size_t position, const void* data, std::size_t length);

  std::filesystem::path path_;
  std::string bytes_;
  std::size_t head_bytes_;
  std::vector<std::pair<std::size_t, std::size_t>> patches_;
  bool truncated_ = false;
};

enum class Outcome : std::uint8_t { answered, refused, died };

// Loads the pair in a child process and asks a question about a small picture. `died` means that the process
// was ended by a signal, hung, or failed an assertion in the computing code. REQUIRES: this process has no
// threads.
Outcome ask_in_child(const std::filesystem::path& decoder, const std::filesystem::path& mmproj);

}  // namespace fovea::test
