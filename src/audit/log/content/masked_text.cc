// One pass over the words of a text, a word being a run of ASCII letters and digits. What is found is a
// guess: a masked text says only that two texts differ in numbers, times and ids alone, which is then worth a
// sentence. So a word too many is cheaper than one too few, and "room 12" and "room 13" have the same mask.
// Words without a digit are compared with the names of days and months alone; that is what it costs.
#include "audit/log/content/masked_text.h"

#include <algorithm>
#include <array>

#include "audit/audited_request.h"

namespace fovea {

namespace {

constexpr std::size_t uuid_length = 36;
constexpr std::size_t hex_id_least = 8;     // of a commit, a colour has six
constexpr std::size_t mixed_id_least = 12;  // "req8f7sA9d2" and longer, with three digits: no word is so
constexpr std::size_t mixed_digits_least = 3;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

constexpr std::array<bool, 256> word_characters = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 128; ++c) table[c] = is_digit(static_cast<char>(c)) || is_letter(static_cast<char>(c));
  return table;
}();
constexpr bool in_word(char c) { return word_characters[static_cast<unsigned char>(c)]; }

constexpr auto days_and_months = std::to_array<std::string_view>(
    {"Mon",     "Tue",       "Wed",      "Thu",      "Fri",      "Sat",    "Sun",  "Monday",
     "Tuesday", "Wednesday", "Thursday", "Friday",   "Saturday", "Sunday", "Jan",  "Feb",
     "Mar",     "Apr",       "May",      "Jun",      "Jul",      "Aug",    "Sep",  "Oct",
     "Nov",     "Dec",       "January",  "February", "March",    "April",  "June", "July",
     "August",  "September", "October",  "November", "December"});

bool names_time(std::string_view word) {
  constexpr std::string_view initials = "MTWFSJAOND";
  if (word.size() < 3 || word.size() > 9 || !initials.contains(word.front())) return false;
  return std::ranges::contains(days_and_months, word);
}

bool is_uuid(std::string_view text) {
  if (text.size() < uuid_length || (text.size() > uuid_length && in_word(text[uuid_length]))) return false;
  for (std::size_t i = 0; i < uuid_length; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

// Seconds or milliseconds since 1970, of this century.
bool is_unix_time(std::string_view digits) {
  return (digits.size() == 10 || digits.size() == 13) && (digits.front() == '1' || digits.front() == '2');
}

class Masking {
 public:
  Masking(std::string_view text, std::string& masked) : text_(text), masked_(masked) {}

  TextVariables run() {
    std::size_t at = 0;
    while (at < text_.size()) at = in_word(text_[at]) ? behind_word(at) : at + 1;
    if (found_.kinds == 0) {
      found_.first_at = text_.size();
    } else {
      masked_.append(text_.substr(copied_));
    }
    return found_;
  }

 private:
  std::size_t behind_word(std::size_t begin) {
    std::size_t end = begin, digits = 0, hex = 0;
    for (; end < text_.size() && in_word(text_[end]); ++end) {
      digits += is_digit(text_[end]) ? 1 : 0;
      hex += is_hex(text_[end]) ? 1 : 0;
    }
    const std::string_view word = text_.substr(begin, end - begin);
    if (hex == word.size() && word.size() == hex_id_least && is_uuid(text_.substr(begin)))
      return mask(begin, begin + uuid_length, variable_id);
    if (digits == 0) return names_time(word) ? mask(begin, end, variable_time) : end;
    const bool hex_id = hex == word.size() && word.size() >= hex_id_least;
    const bool mixed_id = word.size() >= mixed_id_least && digits >= mixed_digits_least && !is_digit_led(word);
    if (digits < word.size() && (hex_id || mixed_id)) return mask(begin, end, variable_id);
    return behind_numbers(begin, end);
  }

  // "20260101T120000Z" begins as a number does.
  static bool is_digit_led(std::string_view word) {
    return word.size() > 8 && std::ranges::all_of(word.substr(0, 8), is_digit);
  }

  // Masks the numbers of a word, each with what belongs to it: 2026-11-30T05:00:01.5Z is one. Returns where
  // the word ends, or the last number behind it.
  std::size_t behind_numbers(std::size_t begin, std::size_t end) {
    std::size_t at = begin;
    while (at < end) {
      at = is_digit(text_[at]) ? behind_number(at) : at + 1;
    }
    return at;
  }

  std::size_t behind_number(std::size_t begin) {
    Joints joints;
    std::size_t end = begin;
    while (end < text_.size()) {
      const std::size_t length = is_digit(text_[end]) ? 1 : joint_at(end, joints);
      if (length == 0) break;
      end += length;
    }
    const bool time = joints.like_time() || is_unix_time(text_.substr(begin, end - begin));
    return mask(begin, end, time ? variable_time : variable_number);
  }

  // What joined the digits of a number so far. "3-5" and "1/2" are no times, 30/11/2026 is one.
  struct Joints {
    int of_dates = 0;
    bool of_times = false;
    bool like_time() const { return of_times || of_dates > 1; }
  };

  // The length of what joins the digits before `at` with those behind it; 0 if nothing does.
  std::size_t joint_at(std::size_t at, Joints& joints) const {
    const auto digit_at = [&](std::size_t place) { return place < text_.size() && is_digit(text_[place]); };
    const char c = text_[at];
    const bool joins = digit_at(at + 1);
    if (joins && (c == '-' || c == '/')) return ++joints.of_dates, 1;
    if (joins && (c == ':' || c == 'T')) return joints.of_times = true, 1;
    if (joins && (c == '.' || c == ',')) return 1;
    if (!joints.like_time()) return 0;
    if (joins && c == ' ' && at + 3 < text_.size() && text_[at + 3] == ':') return 1;  // a date, then 05:00
    return c == 'Z' && (at + 1 == text_.size() || !in_word(text_[at + 1])) ? 1 : 0;
  }

  std::size_t mask(std::size_t begin, std::size_t end, Variable kind) {
    if (found_.kinds == 0) found_.first_at = begin;
    found_.kinds |= kind;
    masked_.append(text_.substr(copied_, begin - copied_));
    masked_ += static_cast<char>(kind);
    copied_ = end;
    return end;
  }

  const std::string_view text_;
  std::string& masked_;
  std::size_t copied_ = 0;  // what is before is in masked_
  TextVariables found_;
};

}  // namespace

TextVariables mask_variables(std::string_view text, std::string& masked) {
  masked.clear();
  return Masking(text, masked).run();
}

}  // namespace fovea
