// Numbers of pictures: those of the workload are below 2^32, a viral one has a number of its event above
// that, and a noisy tenant's are above those by tenants. Numbers of requests likewise. Draws are hashes of
// the request's number, so what one request is drawn does not depend on when it comes.
#include "cluster/fleet_requests.h"

#include "base/check.h"
#include "trace/mixed_bits.h"

namespace fovea {

namespace {

constexpr std::uint64_t viral_first = std::uint64_t{1} << 32;
constexpr unsigned tenant_shift = 40;

}  // namespace

FleetRequests::FleetRequests(const Fleet& fleet)
    : seed_(fleet.load.seed),
      questions_(fleet.load.workload.questions),
      events_(fleet.events),
      asked_(generate_questions(fleet.load.workload, fleet.load.seed)) {}

FleetRequest FleetRequests::next(double now_s) {
  check(are_left(), "a request is left");
  const AskedQuestion& asked = asked_[next_];
  FleetRequest request{.number = next_, .picture = asked.picture, .question = asked.question, .session = asked.session};
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const FleetEvent& event = events_[i];
    if (event.kind != FleetEventKind::viral || now_s < event.at_s || now_s >= event.until_s) continue;
    if (unit_fraction(mixed_bits(mixed_bits(seed_ ^ (i + 1)) + next_)) < event.share) request.picture = viral_first + i;
  }
  ++next_;
  return request;
}

FleetRequest FleetRequests::noisy(std::size_t event, std::uint64_t number) const {
  const std::uint32_t images = events_[event].images;
  const auto tenant = static_cast<std::uint32_t>(event + 1);
  const std::uint64_t of_tenant = std::uint64_t{tenant} << tenant_shift;
  return {.number = of_tenant + number,
          .picture = of_tenant + (images > 0 ? number % images : number),
          .question = questions_ > 0 ? static_cast<std::uint32_t>(mixed_bits(of_tenant + number) % questions_) : 0,
          .session = 0,
          .tenant = tenant};
}

}  // namespace fovea
