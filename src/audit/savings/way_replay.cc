// The steps are those of RequestRun, in its order. The parts of a request are those of request_cost.h: a new
// picture is opened, cut, hashed and encoded; a known one is none of it; a state that is put back takes the
// place of the prompt up to its end. Requests come one after another: what they would share at the same time
// is shared here because the one before has stored it.
//
// The prompt's tokens are the log's where it says them, and are spread over the prompt as TokenFit counts
// them.
#include "audit/savings/way_replay.h"

#include <algorithm>

#include "fovea/level.h"
#include "store/record.h"

namespace fovea {

namespace {

constexpr std::uint64_t told_every = 1 << 16;  // requests: some tens of milliseconds

// So much of a prompt, in tokens.
struct Tokens {
  double text = 0, pictures = 0;
  double all() const { return text + pictures; }
};

class WayRun {
 public:
  WayRun(const WayTrace& trace, const ModelCosts& costs, const TokenFit& fit, const LevelsOn& on, const StorePlan& plan)
      : trace_(trace),
        costs_(costs),
        fit_(fit),
        on_(on),
        nodes_(plan.nodes),
        store_(plan, trace.answer_keys() + trace.picture_keys() + trace.prefix_keys()) {}

  WayOutcome run(const Progress& progress) {
    const auto requests = trace_.requests();
    for (std::size_t i = 0; i < requests.size(); ++i) {
      node_ = static_cast<std::uint32_t>(i % nodes_);
      request_ = &requests[i];
      go();
      if (i % told_every == 0) report_progress(progress, static_cast<double>(i) / static_cast<double>(requests.size()));
    }
    outcome_.tier_hits = store_.tier_hits();
    outcome_.evictions = store_.evictions();
    if (const UnboundedEntries* everything = store_.everything()) outcome_.stored_bytes = everything->bytes();
    return outcome_;
  }

 private:
  void go() {
    const Tokens whole = prompt();
    const double baseline = baseline_ms(whole);
    outcome_.baseline_ms += baseline;
    outcome_.prompt_tokens += counted(whole);
    outcome_.picture_tokens += whole.pictures;
    outcome_.answer_tokens += request_->answer_tokens;
    if (answered(whole, baseline)) return;
    compute(whole);
    if (on_.response && request_->answer != WayRequest::no_answer)
      store_.insert(node_, request_->answer, answer_facts(baseline));
  }

  bool answered(const Tokens& whole, double baseline) {
    if (!on_.response || request_->answer == WayRequest::no_answer) return false;
    const auto found = find(request_->answer, answer_facts(baseline));
    if (!found) return false;
    outcome_.total_ms += costs_.hit_ms() + *found;
    for (const std::uint32_t bits : trace_.pictures(*request_)) outcome_.total_ms += opened_ms(WayPicture(bits));
    outcome_.prompt_tokens_saved += counted(whole);
    outcome_.picture_tokens_saved += whole.pictures;
    outcome_.answer_tokens_saved += request_->answer_tokens;
    return true;
  }

  void compute(const Tokens& whole) {
    double ms = 0;
    const WayPrefix* prefix = find_prefix(ms);
    bool encoded = false;
    const auto pictures = trace_.pictures(*request_);
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const WayPicture picture(pictures[i]);
      const bool covered = prefix != nullptr && i < prefix->pictures;
      if (covered) {
        ms += opened_ms(picture);
        outcome_.picture_tokens_saved += trace_.picture(picture.key()).tokens;
      } else {
        ms += picture_ms(picture, encoded);
      }
    }
    ms += encoded ? costs_.around_ms() : costs_.known_around_ms();
    if (prefix != nullptr) {
      const Tokens had = tokens_of(*prefix, whole);
      outcome_.prompt_tokens_saved += counted(had);
      ms += costs_.prefill_behind_ms(whole.text - had.text, whole.pictures - had.pictures);
    } else {
      ms += costs_.prefill_ms(whole.text, whole.pictures);
    }
    ms += costs_.generate_ms(request_->answer_tokens);
    outcome_.total_ms += ms + store_prefixes(whole);
  }

  // The longest prefix that is stored; the time to put it back is added.
  const WayPrefix* find_prefix(double& ms) {
    if (!on_.prefix || !costs_.has_states()) return nullptr;
    ++outcome_.lookups[static_cast<std::size_t>(TraceLevel::prefix)];
    for (const std::uint32_t candidate : trace_.candidates(*request_)) {
      const double restore_ms = costs_.state_in_ms(model_tokens(trace_.prefix(candidate).size));
      const auto found = store_.find(node_, prefix_key(candidate), prefix_facts(candidate), restore_ms);
      if (!found) continue;
      ++outcome_.hits[static_cast<std::size_t>(TraceLevel::prefix)];
      ms += *found + restore_ms;
      return &trace_.prefix(candidate);
    }
    return nullptr;
  }

  // Of a picture that no prefix covers.
  double picture_ms(WayPicture picture, bool& encoded) {
    const PictureWork& work = trace_.picture(picture.key());
    const std::uint32_t key = trace_.answer_keys() + picture.key();
    if (on_.embedding) {
      if (const auto found = find(key, embedding_facts(work))) {
        outcome_.picture_tokens_saved += work.tokens;
        return *found + opened_ms(picture);
      }
      store_.insert(node_, key, embedding_facts(work));
    }
    encoded = true;
    const double encode_ms = on_.embedding ? work.hash_ms + work.encode_once_ms : work.encode_ms;
    return work.open_ms + work.preprocess_ms + encode_ms;
  }

  double store_prefixes(const Tokens& whole) {
    if (!on_.prefix || !costs_.has_states()) return 0;
    double ms = 0;
    for (const std::uint32_t prefix : trace_.stores(*request_)) {
      if (store_.contains(node_, prefix_key(prefix))) continue;
      store_.insert(node_, prefix_key(prefix), prefix_facts(prefix),
                    costs_.state_in_ms(model_tokens(trace_.prefix(prefix).size)));
      ms += costs_.state_out_ms(tokens_of(trace_.prefix(prefix), whole).all());
    }
    return ms;
  }

  // A picture that is known by its file needs no opening.
  double opened_ms(WayPicture picture) const {
    return picture.new_file() ? double{trace_.picture(picture.key()).open_ms} : 0;
  }

  // Texts have the log's tokens, and pictures those of the profile's model, which computes.
  Tokens prompt() const {
    const PromptSize size{request_->text_bytes, request_->parts, request_->picture_tokens};
    const double counted = request_->prompt_tokens > 0 ? double{request_->prompt_tokens} : fit_.tokens(size);
    return {.text = std::max(counted - fit_.per_picture_token * size.picture_tokens, 0.0),
            .pictures = size.picture_tokens};
  }

  Tokens tokens_of(const WayPrefix& prefix, const Tokens& whole) const {
    const double scale = whole.text / std::max(fit_.text_tokens({request_->text_bytes, request_->parts, 0}), 1.0);
    return {.text = std::min(fit_.text_tokens(prefix.size) * scale, whole.text),
            .pictures = std::min(prefix.size.picture_tokens, whole.pictures)};
  }

  // As the log counts them.
  double counted(const Tokens& tokens) const { return tokens.text + fit_.per_picture_token * tokens.pictures; }

  double baseline_ms(const Tokens& whole) const {
    double ms = costs_.prefill_ms(whole.text, whole.pictures) + costs_.generate_ms(request_->answer_tokens);
    ms += request_->pictures > 0 ? costs_.around_ms() : costs_.known_around_ms();
    for (const std::uint32_t bits : trace_.pictures(*request_)) {
      const PictureWork& work = trace_.picture(WayPicture(bits).key());
      ms += work.open_ms + work.preprocess_ms + work.encode_ms;
    }
    return ms;
  }

  std::optional<double> find(std::uint32_t key, const ItemFacts& facts) {
    ++outcome_.lookups[facts.level];
    const auto found = store_.find(node_, key, facts);
    if (found) ++outcome_.hits[facts.level];
    return found;
  }

  static ItemFacts facts_of(TraceLevel level, double bytes, double entries, double cost_ms) {
    const double overhead = Level::entry_overhead_bytes + record_header_bytes;
    return {.size = static_cast<std::uint64_t>(bytes + entries * overhead),
            .cost_ms = cost_ms,
            .level = static_cast<std::uint8_t>(level)};
  }
  ItemFacts answer_facts(double baseline_ms) const {
    return facts_of(TraceLevel::response, costs_.response_bytes(request_->answer_tokens), 1, baseline_ms);
  }
  // Its tiles are found and evicted together, nearly always. Of those that are equal one is stored.
  ItemFacts embedding_facts(const PictureWork& work) const {
    const double stored = work.encode_ms > 0 ? double{work.encode_once_ms} / double{work.encode_ms} : 1;
    return facts_of(TraceLevel::embedding, costs_.embedding_bytes(work) * stored, work.tiles * stored,
                    work.encode_once_ms);
  }
  ItemFacts prefix_facts(std::uint32_t prefix) const {
    const PromptSize& size = trace_.prefix(prefix).size;
    return facts_of(TraceLevel::prefix, costs_.state_bytes(model_tokens(size)), 1,
                    costs_.prefill_ms(fit_.text_tokens(size), size.picture_tokens));
  }
  // As the profile's model reads them.
  double model_tokens(const PromptSize& size) const { return fit_.text_tokens(size) + size.picture_tokens; }
  std::uint32_t prefix_key(std::uint32_t prefix) const { return trace_.answer_keys() + trace_.picture_keys() + prefix; }

  const WayTrace& trace_;
  const ModelCosts& costs_;
  const TokenFit fit_;
  const LevelsOn on_;
  const std::uint32_t nodes_;
  LayeredStore store_;
  WayOutcome outcome_;
  std::uint32_t node_ = 0;
  const WayRequest* request_ = nullptr;
};

}  // namespace

WayOutcome replay_way(const WayTrace& trace, const ModelCosts& costs, const TokenFit& fit, const LevelsOn& on,
                      const StorePlan& plan, const Progress& progress) {
  return WayRun(trace, costs, fit, on, plan).run(progress);
}

}  // namespace fovea
