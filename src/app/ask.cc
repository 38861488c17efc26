// fovea ask: questions about pictures, each answered on its own, or a conversation about them.
//
// All that can be wrong with the words and the files is found before the model is loaded, which may take a
// minute.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <format>
#include <iostream>
#include <iterator>
#include <memory>
#include <print>
#include <string>
#include <vector>

#include "app/asking.h"
#include "app/flags/cache_flags.h"
#include "app/flags/model_flags.h"
#include "app/flags/tier_flags.h"
#include "app/read_source.h"
#include "app/terminal/interrupts.h"
#include "app/verbs.h"
#include "app/warming/picture_list.h"
#include "pipeline/request_log.h"
#include "tier/open/open_tiers.h"

namespace fovea::app {

namespace {

struct AskFlags {
  std::vector<std::string> words;  // pictures and questions as they came
  ModelFlags model;
  GenerateOptions generate;
  std::string system;
  CacheFlags cache;
  TierFlags tiers{.disk_default = DiskDefault::in_user_cache};
  std::string attention_layers = "all";
  bool no_cache = false;
  std::string log;
  Display display;
};

struct Words {
  std::vector<std::string> pictures;
  std::vector<std::string> questions;
};

// Whether a word that names no file was meant as one: it ends like the name of a picture and holds no space.
bool looks_like_picture(const std::string& word) { return !word.contains(' ') && has_picture_name(word); }

// A word that names a file (or is "-") is a picture; every other word is a question.
Words sort_words(const std::vector<std::string>& words) {
  Words sorted;
  for (const std::string& word : words) {
    std::error_code ignored;
    const bool picture = word == "-" || looks_like_picture(word) || std::filesystem::exists(word, ignored);
    (picture ? sorted.pictures : sorted.questions).push_back(word);
  }
  return sorted;
}

// The first request of a conversation: the system prompt, if any, and a user message of all pictures and the
// question.
Request first_request(const AskFlags& flags, const std::vector<ImageSource>& sources, const std::string& question) {
  Request request{.sources = sources,
                  .options = flags.generate,
                  .cache = {!flags.no_cache, !flags.no_cache},
                  .attention = !flags.display.heat_map.empty(),
                  .no_cache_read = !flags.display.heat_map.empty()};
  if (!flags.system.empty()) request.messages.push_back({"system", {flags.system}});
  Message user{"user", {}};
  for (std::size_t i = 0; i < sources.size(); ++i) user.parts.emplace_back(ImageSlot{i});
  user.parts.emplace_back(question);
  request.messages.push_back(std::move(user));
  return request;
}

int misused(const std::string& why) {
  std::println(stderr, "fovea: {}", why);
  return 2;
}

int failed(const Error& error) {
  std::println(stderr, "fovea: {}", error.message);
  return error.fault == Fault::cancelled ? 130 : 1;
}

// Logs the look-ups of an answer. A log that fails says so once and is closed; the answers go on.
void record(RequestLog* log, const Answer& answer) {
  if (log == nullptr) return;
  if (const auto added = log->add("", answer.report); !added) std::println(stderr, "fovea: {}", added.error().message);
}

// Reads questions line by line, each a turn of one conversation, until the input ends.
int converse(const AskFlags& flags, const std::vector<ImageSource>& sources, Asking& asking, RequestLog* log) {
  const bool person = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
  if (person) std::println(stderr, "Ask about the picture. Ctrl-C stops an answer, Ctrl-D ends the conversation.");
  Request request;
  bool all_answered = true;
  for (std::string line;;) {
    if (person) std::print("> ");
    std::fflush(stdout);
    if (!std::getline(std::cin, line)) break;
    if (line.empty()) continue;
    Request next = request;
    if (next.messages.empty())
      next = first_request(flags, sources, line);
    else
      next.messages.push_back({"user", {line}});
    const auto answer = asking.ask(next, line);
    if (!answer) {
      // A question without an answer is not part of the conversation.
      std::println(stderr, "fovea: {}", answer.error().message);
      all_answered = false;
      continue;
    }
    record(log, *answer);
    request = std::move(next);
    request.messages.push_back({"assistant", {answer->text}});
  }
  if (person) std::println();
  return all_answered || person ? 0 : 1;
}

int run(const AskFlags& flags) {
  const Words words = sort_words(flags.words);
  if (words.pictures.empty()) {
    const std::string why =
        flags.words.empty() ? "no picture given" : std::format("no picture: '{}' is not a file", flags.words.front());
    return misused(why + "; write  fovea ask PICTURE \"QUESTION\"");
  }
  const bool from_input = std::ranges::count(words.pictures, "-") > 0;
  if (from_input && (words.questions.empty() || std::ranges::count(words.pictures, "-") > 1)) {
    return misused("standard input (-) is one picture, so the question must be an argument");
  }
  if (flags.attention_layers.empty()) return misused("--attention-layers names no layer: write all, or 0-3,8");
  auto options = pipeline_options(flags.cache);
  if (!options) return misused(options.error().message);
  std::vector<ImageSource> sources;
  for (const std::string& name : words.pictures) {
    auto pictures = read_pictures(name);
    if (!pictures) return failed(pictures.error());
    std::ranges::move(*pictures, std::back_inserter(sources));
  }

  std::unique_ptr<RequestLog> log;
  if (!flags.log.empty()) {
    auto opened = RequestLog::open(flags.log);
    if (!opened) return failed(opened.error());
    log = std::move(*opened);
  }

  TierFlags tier_flags = flags.tiers;
  if (flags.no_cache) tier_flags = {.no_disk = true};
  const auto tiers =
      OpenTiers::open(tier_flags, [](std::string_view told) { std::println(stderr, "fovea: {}", told); });
  if (!tiers) return misused(tiers.error().message);
  options->tiers = tiers->tiers();

  Interrupts interrupts;
  ModelFlags model = flags.model;
  const bool by_importance = goes_by_importance(options->policy);
  if (by_importance || !flags.display.heat_map.empty()) model.attention_layers = flags.attention_layers;
  auto engine = open_engine(model);
  if (!engine) return failed(engine.error());
  if (const std::string told = without_drafts(model, **engine); !told.empty()) std::println(stderr, "fovea: {}", told);
  Pipeline pipeline(**engine, *options);
  Display display = flags.display;
  display.by_importance = by_importance;
  Asking asking(pipeline, interrupts, display);
  if (words.questions.empty()) return converse(flags, sources, asking, log.get());
  for (const std::string& question : words.questions) {
    const auto answer = asking.ask(first_request(flags, sources, question), question);
    if (!answer) return failed(answer.error());
    record(log.get(), *answer);
  }
  return 0;
}

}  // namespace

void add_ask(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<AskFlags>();
  CLI::App& ask = *app.add_subcommand("ask", "Ask questions about pictures");
  ask.footer(
      "A word that names a file is a picture; every other word is a question. Each question is about all the "
      "pictures.\n"
      "Without a question, questions are read from standard input, one a line, as one conversation.\n\n"
      "  fovea ask photo.jpg \"What is this?\"\n"
      "  fovea ask before.png after.png \"What changed?\" --timings\n"
      "  fovea ask photo.jpg                                   a conversation about the picture\n"
      "  curl -s URL | fovea ask - \"What does it show?\" --json\n"
      "  fovea ask photo.jpg \"What is this?\" -m model.gguf --mmproj mmproj.gguf\n\n"
      "Exit codes: 0 answered, 1 failed, 2 wrong usage, 130 interrupted.");
  ask.add_option("PICTURE_OR_QUESTION", flags->words,
                 "Pictures (JPEG, PNG, WebP, GIF, HEIC, AVIF, TIFF, BMP and others; - for standard input), videos and "
                 "questions")
      ->type_name("")
      ->option_text("");
  add_model_flags(ask, flags->model);

  GenerateOptions& generate = flags->generate;
  ask.add_option("--system", flags->system, "The system prompt")->type_name("TEXT")->group("Answer");
  ask.add_option("--temperature", generate.temperature, "The randomness of an answer; 0 = always the most likely token")
      ->check(CLI::Range(0.0, 5.0))
      ->capture_default_str()
      ->group("Answer");
  ask.add_option("--top-p", generate.top_p, "Sample from the most likely tokens that have this probability together")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->group("Answer");
  ask.add_option("--top-k", generate.top_k, "Sample from this many of the most likely tokens; 0 = all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->group("Answer");
  ask.add_option("--min-p", generate.min_p,
                 "Sample from tokens that have at least this share of the most likely token's probability")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->group("Answer");
  ask.add_option("--seed", generate.seed,
                 "The seed of sampling: the same seed gives the same answer, which can then be cached")
      ->type_name("N")
      ->group("Answer");
  ask.add_option("--max-tokens", generate.max_tokens, "The longest answer, in tokens")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str()
      ->group("Answer");
  ask.add_option("--stop", generate.stop, "End the answer before this text; may be repeated")
      ->type_name("TEXT")
      ->group("Answer");

  ask.add_flag("--no-cache", flags->no_cache, "Neither read nor write any cache")->group("Cache");
  add_cache_flags(ask, flags->cache);
  add_tier_flags(ask, flags->tiers);

  ask.add_option(
         "--attention", flags->display.heat_map,
         "Draw the answer's attention as a heat map over the picture into this PNG file, and name the regions with "
         "the most attention. The answer is computed even if it is cached. With several pictures the files are "
         "FILE-1.png, FILE-2.png and so on")
      ->type_name("FILE")
      ->group("Output");
  ask.add_option(
         "--attention-layers", flags->attention_layers,
         "The layers whose attention is averaged, for --attention and for policies that use importance: all, or a "
         "list such as 0-3,8")
      ->type_name("LIST")
      ->capture_default_str()
      ->group("Output");
  ask.add_option(
         "--log", flags->log,
         "Append the cache look-ups to this file, for fovea replay: keys, sizes, costs and importances, no content")
      ->type_name("FILE")
      ->group("Output");
  ask.add_flag("--timings", flags->display.timings, "Print where the time went after each answer")->group("Output");
  ask.add_flag("--json", flags->display.json, "Print each answer as one JSON object on one line")->group("Output");
  ask.callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace fovea::app
