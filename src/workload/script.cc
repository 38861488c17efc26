// Earlier requests are kept as texts. The text of a request is its conversation so far, with the names of its
// pictures in their places. So two requests are "the same" exactly where their response keys are.
#include "workload/script.h"

#include <algorithm>
#include <format>
#include <map>
#include <unordered_set>
#include <utility>

#include "base/check.h"
#include "trace/mixed_bits.h"

namespace fovea {

namespace {

// The pictures of controls have numbers from here on, far above those of any workload. The one before is the
// warm-up's.
constexpr std::uint32_t first_control = 1U << 31;

std::string name_of(PictureName picture) { return std::format("<{}.{}>", picture.number, picture.step); }

class Writer {
 public:
  Writer(const Scenario& scenario, std::uint64_t seed, std::span<const std::string> questions)
      : scenario_(scenario), seed_(seed), questions_(questions) {}

  Script write() {
    for (const AskedQuestion asked : generate_questions(scenario_.workload, seed_)) {
      add(request_of(asked));
      if (scenario_.control_every > 0 && ++asked_ % scenario_.control_every == 0) add_control();
    }
    script_.warm_up = {.kind = RequestKind::control,
                       .conversation = conversations_,
                       .parts = {PictureName{first_control - 1}, questions_.front()}};
    script_.pictures = static_cast<std::uint32_t>(seen_pictures_.size()) + controls_ + 1;
    return std::move(script_);
  }

 private:
  // The state of a picture's conversation, or of its camera.
  struct Course {
    std::uint32_t step = 0;
    std::uint32_t conversation = 0;
    std::uint32_t turn = 0;
  };

  std::string text_of(std::uint32_t question) const {
    const std::string& text = questions_[question % questions_.size()];
    const std::size_t round = question / questions_.size();
    return round == 0 ? text : std::format("{} ({})", text, round + 1);
  }

  ScriptRequest request_of(AskedQuestion asked) {
    const auto [place, first] = courses_.try_emplace(asked.picture);
    Course& course = place->second;
    if (scenario_.moving && !first) ++course.step;
    const PictureName picture{asked.picture, course.step};
    if (scenario_.prompt == "chat") return next_turn(course, picture, text_of(asked.question));
    ScriptRequest request{.conversation = conversations_++, .parts = {}};
    if (scenario_.prompt == "retrieval") return retrieval(std::move(request), picture, text_of(asked.question));
    if (scenario_.prompt == "screens") {
      const PictureName before{asked.picture, course.step > 0 ? course.step - 1 : 0};
      request.parts = {before, picture, text_of(asked.question)};
      return request;
    }
    if (scenario_.prompt == "clip") return clip(std::move(request), picture, text_of(asked.question));
    request.parts = {picture, text_of(asked.question)};
    return request;
  }

  // The frames since the last request about the picture: its step counts requests.
  ScriptRequest clip(ScriptRequest request, PictureName picture, std::string text) const {
    const std::uint32_t frames = scenario_.pictures_per_request;
    for (std::uint32_t i = 0; i < frames; ++i)
      request.parts.emplace_back(PictureName{picture.number, picture.step * frames + i});
    request.parts.emplace_back(std::move(text));
    return request;
  }

  ScriptRequest next_turn(Course& course, PictureName picture, std::string text) {
    if (course.turn % scenario_.turns_max == 0) {
      course.conversation = conversations_++;
      course.turn = 0;
    }
    ScriptRequest request{.conversation = course.conversation, .turn = course.turn, .parts = {}};
    if (course.turn == 0 || scenario_.moving) request.parts.emplace_back(picture);
    request.parts.emplace_back(std::move(text));
    ++course.turn;
    return request;
  }

  // `picture` and others of recent requests, in a random order.
  ScriptRequest retrieval(ScriptRequest request, PictureName picture, std::string text) {
    std::vector<PictureName> found = {picture};
    std::uint64_t draw = mixed_bits(seed_ ^ (std::uint64_t{conversations_} << 32));
    for (int tries = 0; found.size() < scenario_.pictures_per_request && tries < 64 && !recent_.empty(); ++tries) {
      draw = mixed_bits(draw);
      const PictureName other = recent_[draw % recent_.size()];
      if (std::ranges::find(found, other) == found.end()) found.push_back(other);
    }
    for (std::size_t i = found.size(); i > 1; --i) {
      draw = mixed_bits(draw);
      std::swap(found[i - 1], found[draw % i]);
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      request.parts.emplace_back(std::format("Page {}:", i + 1));
      request.parts.emplace_back(found[i]);
    }
    request.parts.emplace_back(std::move(text));
    remember(picture);
    return request;
  }

  void remember(PictureName picture) {
    constexpr std::size_t recent_max = 20;  // a search finds pictures that are popular at the time
    if (std::ranges::find(recent_, picture) != recent_.end()) return;
    recent_.push_back(picture);
    if (recent_.size() > recent_max) recent_.erase(recent_.begin());
  }

  void add(ScriptRequest request) {
    std::string& said = said_[request.conversation];
    std::uint32_t pictures = 0, seen = 0;
    for (const ScriptPart& part : request.parts) {
      const auto* picture = std::get_if<PictureName>(&part);
      said += picture != nullptr ? name_of(*picture) : std::format("{:?}", std::get<std::string>(part));
      if (picture == nullptr) continue;
      ++pictures;
      if (!seen_pictures_.insert(name_of(*picture)).second) ++seen;
    }
    if (!seen_requests_.insert(said).second)
      request.kind = RequestKind::repeat;
    else if (seen == pictures)
      request.kind = RequestKind::known;
    else
      request.kind = seen > 0 ? RequestKind::partly : RequestKind::fresh;
    script_.requests.push_back(std::move(request));
  }

  void add_control() {
    script_.requests.push_back({.kind = RequestKind::control,
                                .conversation = conversations_++,
                                .parts = {PictureName{first_control + controls_}, text_of(controls_)}});
    ++controls_;
  }

  const Scenario& scenario_;
  const std::uint64_t seed_;
  const std::span<const std::string> questions_;
  std::map<std::uint32_t, Course> courses_;    // by picture
  std::map<std::uint32_t, std::string> said_;  // by conversation
  std::vector<PictureName> recent_;
  std::unordered_set<std::string> seen_pictures_, seen_requests_;
  std::uint32_t conversations_ = 0, controls_ = 0, asked_ = 0;
  Script script_;
};

}  // namespace

std::string_view to_string(RequestKind kind) {
  constexpr std::string_view names[] = {"repeat", "known", "partly", "fresh", "control"};
  return names[static_cast<std::size_t>(kind)];
}

std::uint32_t ScriptRequest::pictures() const {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(parts, [](const ScriptPart& part) { return std::holds_alternative<PictureName>(part); }));
}

Script make_script(const Scenario& scenario, std::uint64_t seed, std::span<const std::string> questions) {
  check(!questions.empty(), "a script needs questions");
  return Writer(scenario, seed, questions).write();
}

}  // namespace fovea
