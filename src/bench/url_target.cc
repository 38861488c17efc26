// A server's answer is hostile: numbers are bounded, and its words are printed without control characters.
#include "bench/url_target.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <ranges>

#include "base/clock.h"
#include "engine/upstream/chat_body.h"
#include "engine/upstream/event_stream.h"
#include "engine/upstream/json_value.h"

namespace fovea {

namespace {

constexpr std::size_t shown_bytes_max = 300;  // of the words of a server that refuses
// No honest server reports more than these.
constexpr double tokens_max = 1e9, stage_ms_max = 1e9;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// The parts between `at`, at least one.
std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (const auto part : std::views::split(text, at)) parts.push_back(trimmed({part.begin(), part.end()}));
  if (parts.empty()) parts.emplace_back();
  return parts;
}

std::int32_t number_in(const Json* object, std::string_view name) {
  const Json* value = object != nullptr ? member(*object, name) : nullptr;
  const double number = value != nullptr && value->is_number() ? value->as<double>() : 0;
  return number >= 0 && number <= tokens_max ? static_cast<std::int32_t>(number) : 0;
}

// Puts an answer together from its chunks.
class ChunkReader {
 public:
  explicit ChunkReader(const Stopwatch& watch) : watch_(watch) {}

  bool take(std::string_view bytes) {
    return events_.feed(bytes, [this](const StreamedEvent& event) { take_chunk(event.data); });
  }
  Measured measured;
  bool ended = false;     // the server said that the answer is complete
  std::string complaint;  // of the server, in the stream

 private:
  void take_chunk(std::string_view data) {
    if (data == "[DONE]") {
      ended = true;
      return;
    }
    const auto chunk = parse_json(data);
    if (!chunk) return;
    if (const Json* error = member(*chunk, "error")) complaint = to_text(*error);
    if (const Json* usage = member(*chunk, "usage")) take_usage(*usage);
    const auto* choices = list_member(*chunk, "choices");
    if (choices == nullptr || choices->empty()) return;
    const Json* delta = member(choices->front(), "delta");
    const std::string* text = delta != nullptr ? text_member(*delta, "content") : nullptr;
    if (text == nullptr || text->empty()) return;
    if (measured.first_ms == 0) measured.first_ms = watch_.elapsed_ms();
    measured.text += *text;
  }

  void take_usage(const Json& usage) {
    measured.prompt_tokens = number_in(&usage, "prompt_tokens");
    measured.answer_tokens = number_in(&usage, "completion_tokens");
    measured.cached_tokens = number_in(member(usage, "prompt_tokens_details"), "cached_tokens");
  }

  const Stopwatch& watch_;
  EventStream events_;
};

// A server's words, safe to print on a terminal.
std::string shown(std::string_view text) {
  std::string plain(text.substr(0, shown_bytes_max));
  std::ranges::replace_if(plain, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return plain;
}

}  // namespace

std::map<std::string, std::string> levels_in(std::string_view cache_status) {
  constexpr std::string_view ours = "fovea-";
  std::map<std::string, std::string> levels;
  for (const std::string_view entry : split(cache_status, ',')) {
    const auto words = split(entry, ';');
    if (!words[0].starts_with(ours)) continue;
    std::string outcome = "bypass";
    for (const std::string_view word : words) {
      if (word == "hit") outcome = "hit";
      if (word == "fwd=miss" || word == "fwd=partial") outcome = "miss";
    }
    levels[std::string(words[0].substr(ours.size()))] = outcome;
  }
  return levels;
}

std::map<std::string, double> stages_in(std::string_view server_timing) {
  constexpr std::string_view duration = "dur=";
  std::map<std::string, double> stages;
  for (const std::string_view entry : split(server_timing, ',')) {
    const auto words = split(entry, ';');
    for (const std::string_view word : words) {
      if (!word.starts_with(duration)) continue;
      double ms = 0;
      const std::string_view digits = word.substr(duration.size());
      if (std::from_chars(digits.data(), digits.data() + digits.size(), ms).ec == std::errc() && ms >= 0 &&
          ms <= stage_ms_max)
        stages[std::string(words[0])] = ms;
    }
  }
  return stages;
}

Result<std::unique_ptr<UrlTarget>> UrlTarget::open(std::string name, UpstreamOptions options, std::string model) {
  auto server = Upstream::open(std::move(options));
  if (!server) return std::unexpected(server.error());
  return std::unique_ptr<UrlTarget>(new UrlTarget(std::move(name), std::move(*server), std::move(model)));
}

Result<Measured> UrlTarget::ask(const Request& request, const std::stop_token& stop) {
  std::vector<Blob> pictures;
  for (const ImageSource& source : request.sources) pictures.push_back(source.bytes);
  const std::string body = chat_body(
      request.messages, pictures,
      {.model = model_, .temperature = request.options.temperature, .max_tokens = request.options.max_tokens});
  const Stopwatch watch;
  ChunkReader reading(watch);
  const auto answer = server_->chat(body, [&](std::string_view bytes) { return reading.take(bytes); }, stop);
  if (!answer) return fail(answer.error().fault, std::format("{}: {}", name_, answer.error().message));
  reading.measured.total_ms = watch.elapsed_ms();
  if (answer->status != 200 || !answer->streamed) {
    return fail(Fault::unavailable,
                std::format("{} answered with status {}: {}", name_, answer->status, shown(answer->body)));
  }
  if (!reading.ended) {
    return fail(Fault::unavailable,
                std::format("{} did not finish its answer: {}", name_,
                            reading.complaint.empty() ? "it gave no reason" : shown(reading.complaint)));
  }
  if (reading.measured.first_ms == 0) reading.measured.first_ms = reading.measured.total_ms;
  reading.measured.levels = levels_in(answer->cache_status);
  reading.measured.stages = stages_in(answer->server_timing);
  return std::move(reading.measured);
}

}  // namespace fovea
