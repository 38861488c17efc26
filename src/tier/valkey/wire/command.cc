#include "tier/valkey/wire/command.h"

#include <format>
#include <iterator>

#include "tier/valkey/slot_map.h"

namespace fovea::valkey {

namespace {

void append_word(std::string& text, std::string_view word) {
  std::format_to(std::back_inserter(text), "${}\r\n", word.size());
  text.append(word).append("\r\n");
}

}  // namespace

Command command_of(Expect expects, std::string_view key, std::initializer_list<std::string_view> words) {
  Command command{.expects = expects, .slot = slot_of(key), .before = std::format("*{}\r\n", words.size())};
  for (const std::string_view word : words) append_word(command.before, word);
  return command;
}

Command set_command(std::string_view key, std::span<const std::byte> head, std::span<const std::byte> body,
                    std::chrono::milliseconds time_to_live) {
  const bool expires = time_to_live.count() > 0;
  Command command{.expects = Expect::status, .slot = slot_of(key), .before = expires ? "*5\r\n" : "*3\r\n"};
  append_word(command.before, "SET");
  append_word(command.before, key);
  std::format_to(std::back_inserter(command.before), "${}\r\n", head.size() + body.size());
  command.value = {head, body};
  command.after = "\r\n";
  if (expires) {
    append_word(command.after, "PX");
    append_word(command.after, std::to_string(time_to_live.count()));
  }
  return command;
}

}  // namespace fovea::valkey
