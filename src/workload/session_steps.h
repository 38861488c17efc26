// SessionSteps: which picture a session of a workload asks for after the one before. Not thread-safe. Borrows
// all that it is made with.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "workload/dice.h"
#include "workload/workload.h"

namespace fovea {

// Whether a SessionPlan may have these `steps`.
bool is_session_steps(std::string_view steps);

class SessionSteps {
 public:
  // `passing_picture` gives the number of a picture that was never there before.
  SessionSteps(const Workload& workload, Dice& dice, const Urn& popularity,
               std::function<std::uint32_t()> passing_picture);

  // The next request of any session. REQUIRES: workload.sessions.count is above 0.
  AskedQuestion next();

 private:
  enum class Steps : std::uint8_t { free, pages, rounds, links, once };
  struct Session {
    std::uint32_t number = 0;
    std::uint32_t left = 0;     // requests until it ends
    std::uint32_t picture = 0;  // that it asked about last
    std::uint32_t document = 0;
    std::uint32_t place = 0;  // in a round, or in a document
    bool begun = false;
  };
  static constexpr std::size_t links_max = 4;
  // The pictures that people go on to from one, and how large the share of the first of them is.
  struct Links {
    std::array<std::uint32_t, links_max> pictures;
    double first_share;
  };

  Session new_session();
  std::uint32_t step(Session& session, std::size_t index);
  std::uint32_t turn_page(Session& session);
  std::uint32_t open_document(Session& session);
  std::uint32_t next_camera(Session& session, std::size_t index);
  std::uint32_t follow_link(const Session& session);

  const SessionPlan& plan_;
  const Workload& workload_;
  Dice& dice_;
  const Urn& popularity_;
  const std::function<std::uint32_t()> passing_picture_;
  const Steps steps_;
  std::uint32_t sessions_begun_ = 0;
  std::vector<Session> sessions_;
  // The pages of a document in their order, and how often it was opened with that order.
  struct Document {
    std::vector<std::uint32_t> pages;
    std::uint32_t readings = 0;
  };
  std::vector<Document> documents_;
  std::vector<std::uint32_t> cameras_;  // what each of them shows
  std::vector<Links> links_;            // by picture
};

}  // namespace fovea
