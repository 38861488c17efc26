// A transfer is numbered. Whatever happens to it later (it arrives, its limit is over, its link is cut) looks
// for its number, and finds nothing where it has ended. Who waits for it goes on in an action of its own, so
// that the end of one machine is over before anybody does anything about it.
#include "cluster/network/network.h"

#include <algorithm>
#include <cmath>

namespace fovea {

Network::Network(Timeline& timeline, Flows& flows, std::span<const FleetLink> links)
    : timeline_(timeline), flows_(flows) {
  for (const FleetLink& link : links) ends_.push_back({.link = link, .passed = {}});
}

void Network::Sending::await_suspend(std::coroutine_handle<> waiting) {
  network_.add({.from = from_,
                .to = to_,
                .bytes = bytes_,
                .left = bytes_,
                .waiting = waiting,
                .delivery = &delivery_,
                .flow = std::nullopt},
               limit_ms_);
}

double Network::rate(Place place) const {
  return place == core ? std::numeric_limits<double>::infinity() : ends_[place].link.bytes_per_ms;
}

std::uint64_t Network::add(const Transfer& transfer, double limit_ms) {
  const std::uint64_t number = ++added_;
  Transfer& added = transfers_.emplace(number, transfer).first->second;
  begin(number, added);
  if (std::isfinite(limit_ms)) {
    timeline_.after(limit_ms, [this, number] {
      const auto late = transfers_.find(number);
      if (late != transfers_.end()) end(late, Sent::late);
    });
  }
  return number;
}

void Network::begin(std::uint64_t number, Transfer& transfer) {
  if (is_cut(transfer.from) || is_cut(transfer.to)) return;
  transfer.begun = true;
  const auto arrived = [this, number] {
    const auto there = transfers_.find(number);
    if (there != transfers_.end()) end(there, Sent::arrived);
  };
  if (transfer.bytes > short_bytes) {
    transfer.flow = flows_.begin(transfer.from, transfer.to, transfer.left, arrived);
    return;
  }
  const double rate_min = std::min(rate(transfer.from), rate(transfer.to));
  timeline_.after(latency_ms(transfer.from, transfer.to) + transfer.bytes / rate_min, arrived);
}

// What has passed is not sent again.
void Network::halt(Transfer& transfer) {
  transfer.begun = false;
  if (!transfer.flow) return;
  transfer.left = flows_.cancel(*transfer.flow);
  transfer.flow.reset();
}

void Network::end(Transfers::iterator transfer, Sent how) {
  Transfer ended = transfer->second;
  transfers_.erase(transfer);
  if (how == Sent::arrived)
    ended.left = 0;
  else
    halt(ended);
  const double bytes = ended.bytes - ended.left;
  if (ended.from != core) ends_[ended.from].passed.out += bytes;
  if (ended.to != core) ends_[ended.to].passed.in += bytes;
  *ended.delivery = {.how = how, .bytes = bytes};
  timeline_.after(0, [waiting = ended.waiting] { waiting.resume(); });
}

void Network::cut(Place place) {
  ends_[place].cut = true;
  for (auto& [number, transfer] : transfers_) {
    if (transfer.flow && (transfer.from == place || transfer.to == place)) halt(transfer);
  }
}

void Network::restore(Place place) {
  ends_[place].cut = false;
  for (auto& [number, transfer] : transfers_) {
    if (!transfer.begun && (transfer.from == place || transfer.to == place)) begin(number, transfer);
  }
}

void Network::break_off(Place place) {
  for (auto transfer = transfers_.begin(); transfer != transfers_.end();) {
    const auto next = std::next(transfer);
    if (transfer->second.from == place || transfer->second.to == place) end(transfer, Sent::broken);
    transfer = next;
  }
}

}  // namespace fovea
