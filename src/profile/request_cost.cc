// The parts are those of Pipeline::answer, in its order. A source that was seen before is not decoded; a
// state that is put back takes the place of the prompt up to the last picture.
#include "profile/request_cost.h"

#include <algorithm>

#include "base/check.h"

namespace fovea {

namespace {

// A first request with levels on stores what it computed: equal tiles are encoded once.
double first_ms(const ModelTimes& model, const LevelsOn& on) {
  const LoadTimes& load = model.load;
  double ms = load.around_ms + load.open_ms + load.preprocess_ms + load.prefill_ms + load.generate_ms;
  ms += on.embedding ? load.hash_ms + load.encode_once_ms : load.encode_ms;
  if (on.prefix && model.state) ms += model.state->out_ms;
  return ms;
}

}  // namespace

double request_ms(const ModelTimes& model, Found found) {
  const LoadTimes& load = model.load;
  switch (found) {
    case Found::uncached:
      return first_ms(model, {});
    case Found::nothing:
      return first_ms(model, {.embedding = true, .prefix = true, .response = true});
    case Found::prefix:
      if (model.state) return load.known_around_ms + model.state->in_ms + load.question_ms + load.generate_ms;
      [[fallthrough]];  // this model keeps no prefixes
    case Found::embedding:
      return load.known_around_ms + load.prefill_ms + load.generate_ms;
    case Found::response:
      return load.hit_ms;
  }
  return 0;
}

LoadShares shares_of(const Script& script) {
  LoadShares shares;
  double requests = 0;
  for (const ScriptRequest& request : script.requests) {
    if (request.kind == RequestKind::control) continue;
    ++requests;
    if (request.kind == RequestKind::repeat)
      ++shares.repeat;
    else if (request.kind == RequestKind::known)
      ++shares.known;
    else
      ++shares.fresh;
  }
  check(requests > 0, "a load has requests");
  return {shares.repeat / requests, shares.known / requests, shares.fresh / requests};
}

double mean_request_ms(const ModelTimes& model, const LevelsOn& on, const LoadShares& shares) {
  const double first = first_ms(model, on);
  const double known = on.prefix      ? request_ms(model, Found::prefix)
                       : on.embedding ? request_ms(model, Found::embedding)
                                      : first;
  // A source that was seen before need not be decoded, whatever else is stored.
  const bool any = on.embedding || on.prefix || on.response;
  const double seen = any && !on.prefix && !on.embedding ? first - model.load.open_ms : known;
  const double repeat = on.response ? request_ms(model, Found::response) : seen;
  return shares.repeat * repeat + shares.known * seen + shares.fresh * first;
}

std::vector<Prediction> predictions(const ModelTimes& model, const LoadShares& shares) {
  const double none = mean_request_ms(model, {}, shares);
  std::vector<Prediction> all;
  const auto add = [&](const char* levels, const LevelsOn& on) {
    const double mean = mean_request_ms(model, on, shares);
    all.push_back({levels, mean, none / std::max(mean, 1e-6)});
  };
  add("none", {});
  add("response", {.response = true});
  add("embedding", {.embedding = true});
  add("both", {.embedding = true, .response = true});
  add("all", {.embedding = true, .prefix = true, .response = true});
  return all;
}

}  // namespace fovea
