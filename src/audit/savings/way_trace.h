// WayTrace: the requests of a log as what each would look up on its way (docs/ARCHITECTURE.md, "A request's
// way"): its answer, the prefixes that it could go on from, its pictures; and what it would store.
//
// fovea::Trace has look-ups that do not depend on each other. Here a prefix that is found covers the pictures
// in it, and of several prefixes the longest is taken. Some 40 B a request and 4 B a look-up. Bounded: what
// does not fit is not replayed. Not thread-safe; once complete it is only read.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "audit/costs/model_costs.h"
#include "audit/prompts/placed_request.h"
#include "audit/prompts/token_fit.h"

namespace fovea {

// What a prefix is of.
struct WayPrefix {
  PromptSize size;
  std::uint32_t pictures = 0;
};

// A picture of a request, in 32 bits.
class WayPicture {
 public:
  // `new_file`: its file did not come before, so it has to be opened to know which picture it is.
  WayPicture(std::uint32_t key, bool new_file) : bits_(key << 1 | (new_file ? 1 : 0)) {}
  explicit WayPicture(std::uint32_t bits) : bits_(bits) {}
  std::uint32_t bits() const { return bits_; }
  std::uint32_t key() const { return bits_ >> 1; }  // of WayTrace::picture
  bool new_file() const { return (bits_ & 1) != 0; }

 private:
  std::uint32_t bits_;
};

struct WayRequest {
  static constexpr std::uint32_t no_answer = UINT32_MAX;

  std::uint32_t answer = no_answer;  // its key; none: it cannot be stored
  std::uint32_t begin = 0;           // of its look-ups
  std::uint16_t pictures = 0;
  std::uint8_t candidates = 0;                          // prefixes, the longest first
  std::uint8_t stores = 0;                              // prefixes that it leaves behind
  float text_bytes = 0, parts = 0, picture_tokens = 0;  // of the prompt
  float prompt_tokens = 0;                              // by the log; 0 = unknown
  float answer_tokens = 0;
};

class WayTrace {
 public:
  static constexpr std::size_t requests_max = 8'000'000;
  static constexpr std::size_t keys_max = 5'000'000;  // a replay has 80 B for each
  static constexpr std::uint8_t candidates_max = 8;  // nearer beginnings that are not stored make farther ones unlikely
  static constexpr std::uint8_t stores_max = 3;

  void see(const PlacedRequest& placed);

  std::span<const WayRequest> requests() const { return requests_; }
  // False where requests were left out for lack of room.
  bool complete() const { return complete_; }

  std::span<const std::uint32_t> pictures(const WayRequest& request) const;  // as bits of WayPicture
  std::span<const std::uint32_t> candidates(const WayRequest& request) const;
  std::span<const std::uint32_t> stores(const WayRequest& request) const;

  // Frees what only see() needs.
  void freeze() { prefix_of_ = picture_of_ = answer_of_ = {}; }

  // By key.
  const PictureWork& picture(std::uint32_t key) const { return pictures_[key]; }
  const WayPrefix& prefix(std::uint32_t key) const { return prefixes_[key]; }
  std::uint32_t picture_keys() const { return static_cast<std::uint32_t>(pictures_.size()); }
  std::uint32_t prefix_keys() const { return static_cast<std::uint32_t>(prefixes_.size()); }
  std::uint32_t answer_keys() const { return answer_keys_; }

 private:
  static constexpr std::uint32_t no_prefix = UINT32_MAX;

  bool has_room(const PlacedRequest& placed) const;
  void add_pictures(const PlacedRequest& placed, WayRequest& request);
  void add_candidates(const PlacedRequest& placed, WayRequest& request);
  void add_stores(const PlacedRequest& placed, WayRequest& request);
  std::uint32_t prefix_at(PromptTree::Node node) const {
    return node < prefix_of_.size() ? prefix_of_[node] : no_prefix;
  }

  std::vector<WayRequest> requests_;
  std::vector<std::uint32_t> lookups_;     // of all requests: pictures, candidates, stores
  std::vector<PictureWork> pictures_;      // by key
  std::vector<WayPrefix> prefixes_;        // by key
  std::vector<std::uint32_t> prefix_of_;   // by node of the prompt tree
  std::vector<std::uint32_t> picture_of_;  // the key, by the picture's number
  std::vector<std::uint32_t> answer_of_;   // the key, by the question's number
  std::uint32_t answer_keys_ = 0;
  bool complete_ = true;
};

}  // namespace fovea
