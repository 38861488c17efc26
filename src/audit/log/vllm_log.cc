// Prompts are written as Python writes texts (repr): in single quotes, or in double ones where the text has
// single ones, with escapes. They are undone, so that a prompt has the bytes that it had. Newer servers write
// prompt and parameters in two lines; the first waits for the second.
//
// Lines have a month, a day and a time, but no year: times count from the beginning of one year, and a month
// that comes after a later one is in the next.
#include "audit/log/vllm_log.h"

#include <charconv>
#include <format>
#include <optional>
#include <unordered_map>

#include "audit/log/content/content_hash.h"
#include "audit/log/content/prompt_parts.h"
#include "audit/log/log_time.h"

namespace fovea {

namespace {

constexpr std::string_view received = "Received request ", details = "Request ", details_end = " details: ";
constexpr std::string_view prompt_begin = "prompt: ", params_begin = "params: ", tokens_begin = "prompt_token_ids: ";
constexpr std::size_t waiting_max = 4096;  // prompts of requests whose second line has not come
constexpr int first_year = 1972;           // a leap year, so that no day is wrong

void append_utf8(std::uint32_t code, std::string& out) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xf0 | (code >> 18 & 7));
    tail(12), tail(6), tail(0);
  }
}

// Undoes the escape behind a backslash at the front of `text`, and consumes it.
void take_escape(std::string_view& text, std::string& out) {
  const char c = text.empty() ? '\\' : text.front();
  if (!text.empty()) text.remove_prefix(1);
  const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (digits > 0 && text.size() >= digits) {
    std::uint32_t code = 0;
    std::from_chars(text.begin(), text.begin() + digits, code, 16);
    text.remove_prefix(digits);
    return append_utf8(code, out);
  }
  out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
}

// The text that `text` begins with, as Python writes it; consumed, with its quotes. nullopt: it does not, or
// it breaks off.
std::optional<std::string> take_repr(std::string_view& text) {
  if (text.empty() || (text.front() != '\'' && text.front() != '"')) return std::nullopt;
  const char quote = text.front();
  text.remove_prefix(1);
  const std::string_view special = quote == '"' ? "\\\"" : "\\'";
  std::string out;
  for (;;) {
    const std::size_t plain = text.find_first_of(special);
    if (plain == std::string_view::npos) return std::nullopt;
    out += text.substr(0, plain);
    const char c = text[plain];
    text.remove_prefix(plain + 1);
    if (c == quote) return out;
    take_escape(text, out);
  }
}

// "SamplingParams(n=1, stop=[')'])" at the front of `text`: up to the bracket that closes it.
std::string_view params_at(std::string_view text) {
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '[') {
      ++depth;
    } else if ((c == ')' || c == ']') && --depth == 0) {
      return text.substr(0, i + 1);
    }
  }
  return text;
}

bool is_deterministic(std::string_view params) {
  const std::size_t seed = params.find(" seed=");
  const bool seeded =
      seed != std::string_view::npos && params.size() > seed + 6 && params[seed + 6] >= '0' && params[seed + 6] <= '9';
  return seeded || params.contains("temperature=0.0,") || params.contains("temperature=0,");
}

// How many numbers are in the list behind "prompt_token_ids: "; nullopt if there is none.
std::optional<std::uint32_t> tokens_in(std::string_view text) {
  const std::size_t begin = text.find(tokens_begin);
  if (begin == std::string_view::npos || !text.substr(begin + tokens_begin.size()).starts_with('['))
    return std::nullopt;
  text.remove_prefix(begin + tokens_begin.size() + 1);
  const std::string_view list = text.substr(0, text.find(']'));
  if (list.empty()) return 0;
  return static_cast<std::uint32_t>(std::ranges::count(list, ',') + 1);
}

struct Prompt {
  std::string text;
  std::optional<std::uint32_t> tokens;
};

// "prompt: '...'" at the front of `text`, and its tokens behind it. `text` is then behind the prompt.
std::optional<Prompt> take_prompt(std::string_view& text) {
  if (!text.starts_with(prompt_begin)) return std::nullopt;
  text.remove_prefix(prompt_begin.size());
  auto prompt = take_repr(text);
  if (!prompt) return std::nullopt;
  return Prompt{std::move(*prompt), tokens_in(text)};
}

class VllmLog {
 public:
  explicit VllmLog(LogRun& run) : run_(run) {}

  void take(const LogEntries& entries, std::string_view line) {
    if (const std::size_t at = line.find(received); at != std::string_view::npos)
      return take_received(entries, line.substr(0, at), line.substr(at + received.size()));
    const std::size_t end = line.find(details_end), at = line.find(details);
    if (end == std::string_view::npos || at >= end) return;
    const std::string id(line.substr(at + details.size(), end - at - details.size()));
    std::string_view rest = line.substr(end + details_end.size());
    if (waiting_.size() >= waiting_max) waiting_.clear();
    if (auto prompt = take_prompt(rest)) waiting_.insert_or_assign(id, std::move(*prompt));
  }

 private:
  void take_received(const LogEntries& entries, std::string_view before, std::string_view text) {
    const std::size_t colon = text.find(": ");
    if (colon == std::string_view::npos) return run_.refuse(entries.place(), "it breaks off behind the request's id");
    const std::string id(text.substr(0, colon));
    text.remove_prefix(colon + 2);
    std::optional<Prompt> prompt;
    if (text.starts_with(prompt_begin)) {
      if (text.substr(prompt_begin.size()).starts_with("None")) return run_.pass_over();
      prompt = take_prompt(text);
      if (!prompt) return run_.refuse(entries.place(), "the prompt has no closing quote: is the line cut off?");
    } else if (const auto place = waiting_.find(id); place != waiting_.end()) {
      prompt = std::move(place->second);
      waiting_.erase(place);
    }
    if (!prompt) return run_.pass_over();
    hand_out(before, *prompt, text);
  }

  void hand_out(std::string_view before, const Prompt& prompt, std::string_view behind) {
    AuditedRequest& request = run_.fresh();
    request.time_ms = time_in(before);
    request.route = "vllm";
    request.prompt_tokens = prompt.tokens;
    if (const std::size_t at = behind.find(params_begin); at != std::string_view::npos) {
      const std::string_view params = params_at(behind.substr(at + params_begin.size()));
      request.settings_hash = content_hash(ContentKind::setting, params);
      request.deterministic = is_deterministic(params);
    }
    add_text(prompt.text, {}, request);
    run_.hand_out();
  }

  // "07-13 05:27:44" somewhere in what is before the message.
  std::optional<double> time_in(std::string_view before) {
    constexpr std::string_view form = "00-00 00:00:00";
    const auto fits = [&](std::string_view text) {
      for (std::size_t i = 0; i < form.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '0' ? !digit : text[i] != form[i]) return false;
      }
      return true;
    };
    for (std::size_t at = 0; at + form.size() <= before.size(); ++at) {
      const std::string_view text = before.substr(at, form.size());
      if (!fits(text)) continue;
      const int month = (text[0] - '0') * 10 + text[1] - '0';
      if (month < last_month_) ++year_;
      last_month_ = month;
      return unix_ms(std::format("{}-{}", year_, text));
    }
    return std::nullopt;
  }

  LogRun& run_;
  std::unordered_map<std::string, Prompt> waiting_;  // by the request's id
  int year_ = first_year, last_month_ = 0;
};

}  // namespace

Result<void> read_vllm_log(TraceSource& source, LogRun& run) {
  LogLines lines(source);
  VllmLog log(run);
  for (;;) {
    const auto line = lines.next();
    if (!line) return std::unexpected(line.error());
    if (!*line) return {};
    if (!(*line)->too_long) log.take(lines, (*line)->text);
    run.report(lines.fraction_read());
  }
}

}  // namespace fovea
