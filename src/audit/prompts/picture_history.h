// PictureHistory: what of each picture of a log came before: the picture, its file, its look.
//
// Pictures are dense numbers. Bounded: beyond pictures_max every picture is new. Not thread-safe.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>

#include "audit/audited_request.h"
#include "audit/prompts/look_index.h"

namespace fovea {

enum class Copy : std::uint8_t { none, recompressed, resized };  // likely of an earlier picture, by its look

struct PictureVerdict {
  static constexpr std::uint32_t no_number = UINT32_MAX;

  std::uint32_t number = no_number;  // of the picture, 0 and up; none: there was no room to remember it
  bool again = false;                // an earlier request of its scope had the picture
  bool same_file = false;            // again, in these bytes or by this URL
  bool client_had_it = false;        // again, and so had one of its client
  bool other_detail = false;         // again, but never with this `detail`
  bool other_query = false;          // not again, but its URL came with another query
  Copy copy = Copy::none;            // where it did not come again
};

class PictureHistory {
 public:
  static constexpr std::uint32_t pictures_max = 4'000'000;

  // `identity` names the picture. `url` is the hash of its URL without the query, of a picture by URL.
  PictureVerdict see(const AuditedPicture& picture, std::uint64_t identity, std::uint64_t url, std::uint64_t scope,
                     std::uint32_t client);

  std::uint32_t size() const { return static_cast<std::uint32_t>(pictures_.size()); }

 private:
  struct Seen {
    std::uint32_t number;
    std::uint8_t details;  // a bit for each PictureDetail that it came with
  };

  bool is_new(std::uint64_t hash);

  boost::unordered_flat_map<std::uint64_t, Seen> pictures_;  // by identity and scope
  boost::unordered_flat_set<std::uint64_t> facts_;           // files, clients and URLs of pictures
  LookIndex looks_;
};

}  // namespace fovea
