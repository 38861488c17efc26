// PlacedRequest: a request with its place among all that came before it: its prompt as a path in the
// PromptTree, its names as numbers. RequestPlacer makes it; the parts of an audit see it.
//
// A placer writes every request over the one before it. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "audit/audited_request.h"
#include "audit/costs/model_costs.h"
#include "audit/prompts/names.h"
#include "audit/prompts/picture_history.h"
#include "audit/prompts/prompt_size.h"
#include "audit/prompts/prompt_tree.h"
#include "audit/prompts/question_history.h"

namespace fovea {

// A place in a prompt, behind a part or a piece of one.
struct PromptPlace {
  PromptTree::Node node = PromptTree::none;
  bool known = false;          // an earlier request has the same prompt up to here
  bool ends_part = false;      // behind a whole part, not in the middle of a text
  std::uint32_t part = 0;      // the part that it is in, or behind
  std::uint32_t pictures = 0;  // up to here
  PromptSize size;             // of the prompt up to here
};

struct PlacedPicture {
  std::uint64_t identity = 0;  // of the picture: by its pixels where they are known, else by its file or URL
  std::uint32_t part = 0;      // in the request
  std::uint32_t place = 0;     // behind it, in the path
  PictureVerdict verdict;
  PictureWork work;  // by the profile
};

struct PlacedRequest {
  const AuditedRequest* request = nullptr;
  std::uint64_t number = 0;  // in the log, from 1
  std::uint32_t client = 0, route = 0, model = 0;
  std::uint64_t scope = 0;  // nothing of one scope is found by another
  PromptTree::Node root = PromptTree::none;
  std::vector<PromptPlace> path;  // in the order of the prompt; the last one is its end
  std::vector<PlacedPicture> pictures;
  PromptSize size;  // of the whole prompt
  double answer_tokens = 0;
  bool cut = false;  // the tree had no room for all of it
  QuestionVerdict question;

  // The index in `path` behind the last place that an earlier request came by; 0 = it shares nothing.
  std::size_t known_places() const;
};

class RequestPlacer {
 public:
  // `per_client`: clients are scopes of their own.
  RequestPlacer(const ModelCosts& costs, bool per_client) : costs_(costs), per_client_(per_client) {}

  // Until the next call. Borrows the request for as long.
  const PlacedRequest& place(const AuditedRequest& request);

  const Names& clients() const { return clients_; }
  const Names& routes() const { return routes_; }
  const Names& models() const { return models_; }
  // Of the places, pictures and questions of the log, which are dense numbers.
  std::uint32_t places() const { return tree_.size(); }
  std::uint32_t pictures() const { return picture_history_.size(); }
  std::uint32_t questions() const { return questions_.size(); }

 private:
  void place_picture(const AuditedRequest& request, std::uint32_t part);
  void follow_text(const AuditedRequest& request, std::uint32_t part);
  void add_place(PromptTree::Step step, std::uint32_t part, bool ends_part);

  const ModelCosts costs_;
  const bool per_client_;
  Names clients_, routes_, models_;
  PromptTree tree_;
  PictureHistory picture_history_;
  QuestionHistory questions_;
  PlacedRequest placed_;
  PromptTree::Node node_ = PromptTree::none;
};

// What names a part in a prompt: its content, who says it, and whether a message begins with it.
std::uint64_t part_hash(const AuditedRequest& request, std::size_t part, std::uint64_t content);

}  // namespace fovea
