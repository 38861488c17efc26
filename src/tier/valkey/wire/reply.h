// Reply: what a server answered to one command. ReplyReader: replies from the bytes that come, by hiredis's
// parser.
//
// A server may lie: lengths, depth and number of elements are bounded, and what is announced is compared
// with the bound before it comes. All of an array together takes no more than array_bytes_max of memory. A
// large value goes from the socket to where it stays. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/owned.h"
#include "fovea/blob.h"
#include "fovea/result.h"

struct redisReader;

namespace fovea::valkey {

struct Reply {
  enum class Kind : std::uint8_t { nil, integer, status, error, value, array, other };

  Kind kind = Kind::nil;
  long long integer = 0;
  Blob bytes;                // of a value, status or error; aligned to 64 bytes
  std::vector<Reply> items;  // of an array

  std::string_view text() const { return bytes.text(); }
};

void free_reader(redisReader* reader);

class ReplyReader {
 public:
  static constexpr std::size_t array_bytes_max = 64 << 20;  // twice that of a map of slots at its worst

  // A value of more than `value_bytes_max` is refused as soon as its length is known.
  explicit ReplyReader(std::size_t value_bytes_max);
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  // Where the next bytes go; never empty. Valid until filled().
  std::span<std::byte> room();
  // The first `bytes` of room() came. Appends the replies that they complete.
  // Faults: corrupt, where they are none; then nothing more can be read.
  Result<void> filled(std::size_t bytes, std::vector<Reply>& replies);

  // Nothing of a further reply has come.
  bool is_between_replies() const;

 private:
  // A value that is being received where it stays.
  struct Direct {
    Reply reply;
    std::span<std::byte> memory;
    std::array<std::byte, 2> end;
    std::size_t got = 0;  // of both
  };

  Result<void> filled_direct(std::size_t bytes, std::vector<Reply>& replies);
  Result<void> look_at_unfinished();
  void begin_direct(std::size_t value_bytes, std::size_t header_bytes);

  const std::size_t value_bytes_max_;
  std::size_t bytes_left_ = array_bytes_max;  // for the reply that the parser builds
  Owned<redisReader, free_reader> reader_;
  std::vector<std::byte> buffer_;
  std::optional<Direct> direct_;
};

}  // namespace fovea::valkey
