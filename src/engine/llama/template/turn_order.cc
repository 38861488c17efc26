// Each arrangement is made for templates that were found to refuse or drop something (TemplateTraits), and
// says the same to the model as far as the template allows.
#include "engine/llama/template/turn_order.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace fovea::llama {

namespace {

constexpr std::string_view between_messages = "\n\n";

void append(Turn& turn, const std::string& text) {
  if (!turn.text.empty() && !text.empty()) turn.text += between_messages;
  turn.text += text;
}

bool can_merge(const Turn& turn) {
  return (turn.role == "user" || turn.role == "assistant" || turn.role == "system") && turn.calls.empty();
}

}  // namespace

std::vector<Turn> with_system_in_user(std::vector<Turn> turns) {
  if (turns.empty() || turns.front().role != "system") return turns;
  if (turns.size() > 1 && turns[1].role == "user") {
    append(turns.front(), turns[1].text);
    turns.erase(turns.begin() + 1);
  }
  turns.front().role = "user";
  return turns;
}

std::vector<Turn> merged(std::vector<Turn> turns) {
  std::vector<Turn> fewer;
  for (Turn& turn : turns) {
    if (!fewer.empty() && fewer.back().role == turn.role && can_merge(fewer.back()) && can_merge(turn))
      append(fewer.back(), turn.text);
    else
      fewer.push_back(std::move(turn));
  }
  return fewer;
}

std::vector<Turn> with_single_calls(std::vector<Turn> turns) {
  std::vector<Turn> single;
  for (auto turn = turns.begin(); turn != turns.end();) {
    if (turn->calls.size() < 2) {
      single.push_back(std::move(*turn++));
      continue;
    }
    Turn caller = std::move(*turn++);
    const auto results_end = std::find_if(turn, turns.end(), [](const Turn& next) { return next.role != "tool"; });
    for (TurnCall& call : std::exchange(caller.calls, {})) {
      const std::string id = call.id;
      single.push_back({.role = caller.role, .text = std::exchange(caller.text, {}), .calls = {}});
      single.back().calls.push_back(std::move(call));
      const auto result = std::find_if(turn, results_end, [&](const Turn& next) { return next.call_id == id; });
      if (result != results_end) single.push_back(*result);
    }
    // Of the results, those of these calls were placed.
    for (; turn != results_end; ++turn) {
      if (!std::ranges::contains(single, turn->call_id, &Turn::call_id)) single.push_back(std::move(*turn));
    }
  }
  return single;
}

std::vector<Turn> with_calls_alone(std::vector<Turn> turns) {
  std::vector<Turn> alone;
  for (Turn& turn : turns) {
    if (!turn.calls.empty() && !turn.text.empty())
      alone.push_back({.role = turn.role, .text = std::exchange(turn.text, {})});
    alone.push_back(std::move(turn));
  }
  return alone;
}

std::vector<Message> with_pictures_behind_results(std::span<const Message> messages) {
  std::vector<Message> moved;
  std::vector<PromptPart> pictures;
  const auto place_pictures = [&] {
    if (!pictures.empty()) moved.push_back({.role = "user", .parts = std::exchange(pictures, {})});
  };
  for (const Message& message : messages) {
    if (message.role != "tool") place_pictures();
    moved.push_back(message);
    if (message.role != "tool") continue;
    std::vector<PromptPart>& parts = moved.back().parts;
    const auto is_picture = [](const PromptPart& part) { return std::holds_alternative<ImageSlot>(part); };
    std::ranges::copy_if(parts, std::back_inserter(pictures), is_picture);
    std::erase_if(parts, is_picture);
  }
  place_pictures();
  return moved;
}

}  // namespace fovea::llama
