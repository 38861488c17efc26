// Sessions are drawn by chance for each request, so their requests are mixed as those of people are. All
// draws come from the workload's Dice, in an order that is a part of its traces. Tables are drawn when the
// steps are made, and only those that the plan's steps need.
#include "workload/session_steps.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace fovea {

namespace {

constexpr std::array<std::string_view, 5> step_names = {"free", "pages", "rounds", "links", "once"};

// Of a link that is popular: from hardly more than the others to nearly all.
constexpr double first_share_min = 0.3, first_share_max = 0.95;

}  // namespace

bool is_session_steps(std::string_view steps) { return std::ranges::contains(step_names, steps); }

SessionSteps::SessionSteps(const Workload& workload, Dice& dice, const Urn& popularity,
                           std::function<std::uint32_t()> passing_picture)
    : plan_(workload.sessions),
      workload_(workload),
      dice_(dice),
      popularity_(popularity),
      passing_picture_(std::move(passing_picture)),
      steps_(static_cast<Steps>(std::ranges::find(step_names, plan_.steps) - step_names.begin())) {
  for (std::uint32_t i = 0; i < plan_.count; ++i) sessions_.push_back(new_session());
  if (steps_ == Steps::rounds) {
    cameras_.resize(workload.images);
    std::iota(cameras_.begin(), cameras_.end(), 0U);
  }
  if (steps_ == Steps::pages) {
    documents_.resize(workload.images / plan_.pages);
    std::uint32_t page = 0;
    for (Document& document : documents_) {
      document.pages.resize(plan_.pages);
      for (std::uint32_t& picture : document.pages) picture = page++;
    }
  }
  if (steps_ != Steps::links) return;
  links_.resize(workload.images);
  for (Links& links : links_) {
    for (std::uint32_t& picture : links.pictures) picture = popularity_.draw(dice_);
    links.first_share = first_share_min + dice_.unit() * (first_share_max - first_share_min);
  }
}

AskedQuestion SessionSteps::next() {
  const std::size_t index = dice_.below(sessions_.size());
  Session& session = sessions_[index];
  if (session.left == 0) session = new_session();
  if (steps_ != Steps::rounds) --session.left;  // those go on for ever
  const bool stays = session.begun && dice_.chance(plan_.stay);
  if (!stays) session.picture = step(session, index);
  session.begun = true;
  const std::uint32_t question = dice_.below(workload_.questions);
  return {.picture = session.picture, .question = question, .session = session.number};
}

SessionSteps::Session SessionSteps::new_session() {
  const std::uint32_t length = std::max(1U, plan_.length / 2 + dice_.below(std::uint64_t{plan_.length} + 1));
  return {.number = ++sessions_begun_, .left = length};
}

std::uint32_t SessionSteps::step(Session& session, std::size_t index) {
  switch (steps_) {
    case Steps::pages:
      return turn_page(session);
    case Steps::rounds:
      return next_camera(session, index);
    case Steps::links:
      return follow_link(session);
    case Steps::once:
      return passing_picture_();
    case Steps::free:
      break;
  }
  return popularity_.draw(dice_);
}

std::uint32_t SessionSteps::turn_page(Session& session) {
  if (!session.begun) return open_document(session);
  session.place = dice_.chance(plan_.jump) ? dice_.below(plan_.pages) : session.place + 1;
  if (session.place >= plan_.pages) return open_document(session);  // read to the end
  return documents_[session.document].pages[session.place];
}

// At its first page. Documents are popular, and not pages.
std::uint32_t SessionSteps::open_document(Session& session) {
  session.document = popularity_.draw(dice_) % static_cast<std::uint32_t>(documents_.size());
  session.place = 0;
  Document& document = documents_[session.document];
  if (plan_.order_readings > 0 && ++document.readings > plan_.order_readings) {
    document.readings = 1;
    for (std::size_t i = document.pages.size(); i > 1; --i)
      std::swap(document.pages[i - 1], document.pages[dice_.below(i)]);
  }
  return document.pages.front();
}

// Each session has cameras of its own.
std::uint32_t SessionSteps::next_camera(Session& session, std::size_t index) {
  const std::uint32_t each = std::max(1U, workload_.images / plan_.count);
  session.place = dice_.chance(plan_.jump) ? dice_.below(each) : (session.place + 1) % each;
  std::uint32_t& picture = cameras_[(index * each + session.place) % cameras_.size()];
  if (dice_.chance(workload_.round_change)) picture = passing_picture_();
  return picture;
}

std::uint32_t SessionSteps::follow_link(const Session& session) {
  if (!session.begun || dice_.chance(plan_.jump)) return popularity_.draw(dice_);
  const Links& links = links_[session.picture];
  if (dice_.chance(links.first_share)) return links.pictures[0];
  return links.pictures[1 + dice_.below(links_max - 1)];
}

}  // namespace fovea
