#include "engine/mutilation.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <utility>

#include "base/check.h"
#include "engine/llama/gguf/gguf_file.h"
#include "engine/llama/llama_engine.h"
#include "engine/prefill_prompt.h"

namespace fovea::test {

namespace {

constexpr unsigned child_seconds_max = 120;  // a hundred times what a healthy pair needs on a busy machine
constexpr int exit_answered = 0;
constexpr int exit_refused = 3;
constexpr int exit_asserted = 4;

std::size_t head_end(const std::filesystem::path& path) {
  const auto file = llama::GgufFile::open(path);
  check(file.has_value() && !file->tensors().empty(), "the unharmed model can be read");
  return file->tensors().front().offset;
}

// A small picture with some structure.
DecodedImage small_picture() {
  constexpr std::uint32_t side = 40;
  Blob pixels = Blob::filled(side * side * image_channels, [](std::span<std::byte> bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i % 251);
  });
  return {.width = side, .height = side, .pixels = std::move(pixels)};
}

Result<void> ask(const std::filesystem::path& decoder, const std::filesystem::path& mmproj) {
  auto engine = llama::LlamaEngine::open({.model = decoder, .mmproj = mmproj, .threads = 1});
  if (!engine) return std::unexpected(engine.error());
  const DecodedImage image = small_picture();
  auto tiled = (*engine)->preprocess(image);
  if (!tiled) return std::unexpected(tiled.error());
  std::vector<PromptImage> images{{{image.width, image.height}, {}}};
  for (std::size_t i = 0; i < (*tiled)->tile_count(); ++i) {
    auto embedding = (*engine)->encode(**tiled, i, {});
    if (!embedding) return std::unexpected(embedding.error());
    images.front().embeddings.push_back(std::move(embedding->embedding));
  }
  const auto prompt = (*engine)->render(std::vector<Message>{{"user", {ImageSlot{0}, "What color is the square?"}}});
  if (!prompt) return std::unexpected(prompt.error());
  auto prefilled = prefill_prompt(**engine, *prompt, images);
  if (!prefilled) return std::unexpected(prefilled.error());
  auto answer = prefilled->slot->generate({.max_tokens = 4}, {});
  return answer ? Result<void>() : std::unexpected(answer.error());
}

[[noreturn]] void child(const std::filesystem::path& decoder, const std::filesystem::path& mmproj) {
  alarm(child_seconds_max);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  setenv("XDG_CACHE_HOME", decoder.parent_path().c_str(), 1);  // fingerprints of damaged files are not kept
  if (const int nowhere = open("/dev/null", O_WRONLY); nowhere >= 0) dup2(nowhere, STDERR_FILENO);
  const Result<void> asked = ask(decoder, mmproj);
  if (asked) _exit(exit_answered);
  // With one thread the engine catches a failed assertion of the computing code. With more threads it would
  // fail on one of the library's own, where nothing can catch it.
  if (asked.error().message.contains("ggml-cpu")) _exit(exit_asserted);
  _exit(asked.error().message.empty() ? EXIT_FAILURE : exit_refused);
}

}  // namespace

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "fovea-test-XXXXXX").string();
  check(mkdtemp(name.data()) != nullptr, "a scratch folder can be made");
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

MutilatedFile::MutilatedFile(const std::filesystem::path& original, std::filesystem::path path)
    : path_(std::move(path)), head_bytes_(head_end(original)) {
  std::ifstream in(original, std::ios::binary);
  bytes_.assign(std::istreambuf_iterator<char>(in), {});
  std::ofstream(path_, std::ios::binary) << bytes_;
}

std::size_t MutilatedFile::position_of(std::string_view text) const {
  const std::uint64_t length = text.size();
  std::string prefixed(sizeof length, '\0');
  std::memcpy(prefixed.data(), &length, sizeof length);
  prefixed += text;
  const std::size_t found = bytes_.find(prefixed);
  check(found < head_bytes_, "the text to damage is in the file");
  return found + sizeof length;
}

void MutilatedFile::patch(std::size_t position, const void* data, std::size_t length) {
  std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(position));
  file.write(static_cast<const char*>(data), static_cast<std::streamsize>(length));
  check(static_cast<bool>(file.flush()), "the copy can be changed");
  patches_.emplace_back(position, length);
}

void MutilatedFile::truncate(std::size_t length) {
  std::filesystem::resize_file(path_, length);
  truncated_ = true;
}

void MutilatedFile::flip_bit(std::size_t byte, int bit) {
  const char flipped = static_cast<char>(bytes_[byte] ^ (1 << bit));
  patch(byte, &flipped, 1);
}

void MutilatedFile::rename(std::string_view old, std::string_view text) {
  check(old.size() == text.size(), "a name is exchanged for one as long");
  patch(position_of(old), text.data(), text.size());
}

// After the key come the value's type (4 bytes) and the value.
void MutilatedFile::set_u32(std::string_view key, std::uint32_t value) {
  patch(position_of(key) + key.size() + 4, &value, sizeof value);
}
void MutilatedFile::set_f32(std::string_view key, float value) {
  patch(position_of(key) + key.size() + 4, &value, sizeof value);
}

// After the name come the number of dimensions (4 bytes) and the extents.
void MutilatedFile::set_extent(std::string_view tensor, std::size_t dimension, std::uint64_t extent) {
  patch(position_of(tensor) + tensor.size() + 4 + dimension * sizeof extent, &extent, sizeof extent);
}

void MutilatedFile::restore() {
  if (truncated_) std::ofstream(path_, std::ios::binary) << bytes_;
  truncated_ = false;
  for (const auto& [position, length] : std::exchange(patches_, {})) patch(position, bytes_.data() + position, length);
  patches_.clear();
}

Outcome ask_in_child(const std::filesystem::path& decoder, const std::filesystem::path& mmproj) {
  const pid_t pid = fork();
  check(pid >= 0, "a child process can be made");
  if (pid == 0) child(decoder, mmproj);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) check(errno == EINTR, "the child can be waited for");
  if (!WIFEXITED(status)) return Outcome::died;
  if (WEXITSTATUS(status) == exit_answered) return Outcome::answered;
  return WEXITSTATUS(status) == exit_refused ? Outcome::refused : Outcome::died;
}

}  // namespace fovea::test
