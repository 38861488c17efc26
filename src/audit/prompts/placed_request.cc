// A known place is one whose node was there before this request: every node was made by a request that came
// by. Where the tree is full, places have no node: sizes go on, and nothing behind is known.
#include "audit/prompts/placed_request.h"

#include <algorithm>

#include "trace/mixed_bits.h"

namespace fovea {

namespace {

// Pixels and names of files are different ways to know a picture, whatever their hashes.
std::uint64_t identity_of(const AuditedPicture& picture) {
  return picture.image_hash ? mixed_bits(*picture.image_hash) : mixed_bits(~picture.source_hash);
}

}  // namespace

std::uint64_t part_hash(const AuditedRequest& request, std::size_t part, std::uint64_t content) {
  const AuditedPart& one = request.parts[part];
  const bool begins = part == 0 || request.parts[part - 1].message != one.message;
  const std::uint64_t said = std::uint64_t{static_cast<std::uint8_t>(one.kind)} << 16 |
                             std::uint64_t{static_cast<std::uint8_t>(one.role)} << 8 | (begins ? 1 : 0);
  return mixed_bits(content ^ mixed_bits(said));
}

std::size_t PlacedRequest::known_places() const {
  const auto unknown = std::ranges::find(path, false, &PromptPlace::known);
  return static_cast<std::size_t>(unknown - path.begin());
}

const PlacedRequest& RequestPlacer::place(const AuditedRequest& request) {
  PlacedRequest& placed = placed_;
  placed.request = &request;
  ++placed.number;
  placed.client = clients_.number(request.client);
  placed.route = routes_.number(request.route);
  placed.model = models_.number(request.model);
  placed.scope = mixed_bits(std::uint64_t{placed.model} << 32 | (per_client_ ? placed.client + 1 : 0));
  placed.path.clear();
  placed.pictures.clear();
  placed.size = {};
  placed.cut = false;
  placed.answer_tokens = request.answer_tokens ? *request.answer_tokens : costs_.usual_answer_tokens();
  const PromptTree::Step root = tree_.root(placed.scope);
  placed.root = node_ = root.node;
  for (std::uint32_t part = 0; part < request.parts.size(); ++part) {
    const AuditedPart& one = request.parts[part];
    if (one.kind == PartKind::text) follow_text(request, part);
    if (one.kind == PartKind::image) place_picture(request, part);
    if (one.kind == PartKind::other) {
      placed.size.parts += 1;
      add_place(tree_.end_of_part(node_, part_hash(request, part, one.hash)), part, true);
    }
  }
  placed.question = questions_.see(placed.path.empty() ? PromptTree::none : node_, request.settings_hash);
  return placed;
}

void RequestPlacer::add_place(PromptTree::Step step, std::uint32_t part, bool ends_part) {
  // A text's pieces end where the tree has no room for more; its end may be there all the same.
  if (step.node == PromptTree::none && !ends_part) return;
  node_ = step.node;
  placed_.cut |= node_ == PromptTree::none;
  placed_.path.push_back({.node = node_,
                          .known = step.known,
                          .ends_part = ends_part,
                          .part = part,
                          .pictures = static_cast<std::uint32_t>(placed_.pictures.size()),
                          .size = placed_.size});
}

void RequestPlacer::follow_text(const AuditedRequest& request, std::uint32_t part) {
  const AuditedPart& text = request.parts[part];
  const double before = placed_.size.bytes;
  const PromptTree::Node begin = node_;
  placed_.size.parts += 1;
  // Each piece's hash is of all of the text up to there, so pieces hang behind the text's begin.
  for (std::uint32_t i = 0; i < text.prefixes; ++i) {
    placed_.size.bytes = before + prefix_bytes(i);
    const std::uint64_t hash = part_hash(request, part, request.prefix_hashes[text.prefixes_begin + i]);
    add_place(tree_.end_of_piece(begin, hash), part, false);
  }
  node_ = begin;
  placed_.size.bytes = before + text.bytes;
  add_place(tree_.end_of_part(begin, part_hash(request, part, text.hash)), part, true);
}

void RequestPlacer::place_picture(const AuditedRequest& request, std::uint32_t part) {
  const AuditedPart& one = request.parts[part];
  const AuditedPicture& picture = request.pictures[one.picture];
  const std::uint64_t identity = identity_of(picture);
  placed_.pictures.push_back(
      {.identity = identity,
       .part = part,
       .place = static_cast<std::uint32_t>(placed_.path.size()),
       .verdict = picture_history_.see(picture, identity, one.masked_hash, placed_.scope, placed_.client),
       .work = costs_.picture(picture.width, picture.height)});
  placed_.size.parts += 1;
  placed_.size.picture_tokens += placed_.pictures.back().work.tokens;
  add_place(tree_.end_of_part(node_, part_hash(request, part, identity)), part, true);
}

}  // namespace fovea
