// Command: one command to a server, as bytes, with the slot that decides which server it goes to. A large
// value in it is borrowed, never copied. A plain value.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace fovea::valkey {

// What a reply to the command may be, besides an error. Any other reply is not a Valkey server's.
enum class Expect : std::uint8_t {
  value,   // bytes, or nil
  status,  // a word such as OK, or nil where a condition did not hold
  integer,
  array,
};

struct Command {
  Expect expects = Expect::status;
  std::uint16_t slot = 0;
  std::string before;                                 // all of it, or up to the value
  std::array<std::span<const std::byte>, 2> value{};  // in two parts; borrowed
  std::string after;

  std::array<std::span<const std::byte>, 4> pieces() const {
    return {std::as_bytes(std::span(before)), value[0], value[1], std::as_bytes(std::span(after))};
  }
};

// `words` as a command, for the server of `key`.
Command command_of(Expect expects, std::string_view key, std::initializer_list<std::string_view> words);

// SET `key` to `head` and `body` in a row; gone after `time_to_live` where that is not 0. The two must
// outlive the command.
Command set_command(std::string_view key, std::span<const std::byte> head, std::span<const std::byte> body,
                    std::chrono::milliseconds time_to_live);

}  // namespace fovea::valkey
