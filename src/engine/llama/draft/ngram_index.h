// NgramIndex: some texts, as tokens, and where each short run of tokens in them occurred last.
//
// A run is known by its hash alone. Two runs of one hash would give a wrong draft, which costs a little time
// and changes no answer. A negative token separates: no run has it. Not thread-safe; owns its texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace fovea::llama {

// A place in a text: what comes next there.
struct TextPlace {
  std::uint32_t text = 0;
  std::uint32_t next = 0;
  std::uint32_t run = 0;  // tokens before it that agree with what was looked for
};

class NgramIndex {
 public:
  static constexpr std::size_t run_max = 4;

  // Shorter runs than `run_min` are not known.
  explicit NgramIndex(std::size_t run_min) : run_min_(run_min) {}

  // Begins a text; its number.
  std::uint32_t add_text();
  // A run that occurs again is found where it was appended last.
  void append(std::uint32_t text, std::int32_t token);

  // Behind the longest known run that `tail` ends with. A token follows there, though it may be negative.
  std::optional<TextPlace> find(std::span<const std::int32_t> tail) const;

  std::span<const std::int32_t> text(std::uint32_t number) const { return texts_[number]; }

 private:
  const std::size_t run_min_;
  std::vector<std::vector<std::int32_t>> texts_;
  std::unordered_map<std::uint64_t, TextPlace> places_;  // by the hash of the run before it
};

}  // namespace fovea::llama
