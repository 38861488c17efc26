#include "engine/modelled/modelled_state.h"

#include <algorithm>
#include <cstring>

#include "engine/modelled/made_up.h"

namespace fovea {

namespace {

struct Head {
  std::uint64_t items;
  std::uint64_t tokens;
  Key fed;
  Key check;  // of all that stands before
};

Head head_of(std::size_t items, std::uint32_t tokens, const Key& fed) {
  const Key check = KeyBuilder("fovea/modelled-state/1")
                        .field(static_cast<std::uint64_t>(items))
                        .field(static_cast<std::uint64_t>(tokens))
                        .field(fed)
                        .finish();
  return {.items = items, .tokens = tokens, .fed = fed, .check = check};
}

std::size_t size_of(const ModelledTimes& times, std::uint32_t tokens) {
  return std::max<std::size_t>(state_bytes(times, tokens), sizeof(Head));
}

}  // namespace

Blob made_state(const ModelledTimes& times, std::size_t items, std::uint32_t tokens, const Key& fed) {
  const Head head = head_of(items, tokens, fed);
  return Blob::filled(size_of(times, tokens), [&](std::span<std::byte> bytes) {
    std::memcpy(bytes.data(), &head, sizeof head);
    make_up(fed, bytes.subspan(sizeof head));
  });
}

std::optional<Key> fed_of(const ModelledTimes& times, std::size_t items, std::uint32_t tokens, const Blob& state) {
  if (state.size() != size_of(times, tokens)) return std::nullopt;
  Head head{};
  std::memcpy(&head, state.bytes().data(), sizeof head);
  const Head expected = head_of(items, tokens, head.fed);
  if (head.items != items || head.tokens != tokens || head.check != expected.check) return std::nullopt;
  return head.fed;
}

}  // namespace fovea
