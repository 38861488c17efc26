// Flags are told apart by their groups in the help and by their names, so that a new one of the model's group
// is refused without being listed.
#include "app/flags/other_backend.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <format>
#include <string_view>

namespace fovea::app {

namespace {

// Whether a flag is about what an encoder is fed.
bool is_of_frames(const CLI::Option& option) { return option.get_single_name().starts_with("frames"); }

// Whether a flag says how the model of this server is run.
bool is_of_model(const CLI::Option& option) {
  constexpr std::array<std::string_view, 8> others = {"parallel",        "attention",    "profile",     "modelled",
                                                      "embedding-cache", "prefix-cache", "image-order", "prefetch"};
  return option.get_group() == "Model" || is_of_frames(option) ||
         std::ranges::contains(others, option.get_single_name());
}

// Whether a flag is about the model's own files, computation or times.
bool runs_a_model(const CLI::Option& option) {
  constexpr std::array<std::string_view, 2> others = {"attention", "profile"};
  return option.get_group() == "Model" || is_of_frames(option) ||
         std::ranges::contains(others, option.get_single_name());
}

bool is_set(const CLI::Option& option) {
  const bool is_flag = option.get_items_expected_max() == 0;
  return option.count() > 0 && !(is_flag && !option.as<bool>());
}

}  // namespace

Result<void> check_upstream(const CLI::App& serve) {
  if (serve.get_option("--upstream")->count() == 0) return {};
  for (const CLI::Option* option : serve.get_options()) {
    if (is_set(*option) && is_of_model(*option))
      return fail(Fault::invalid,
                  std::format("--{} is for a model that is run here, and with --upstream another server "
                              "answers: leave out one of them",
                              option->get_single_name()));
  }
  return {};
}

Result<void> check_modelled(const CLI::App& serve) {
  if (serve.get_option("--modelled")->count() == 0) return {};
  for (const CLI::Option* option : serve.get_options()) {
    if (!is_set(*option) || !runs_a_model(*option)) continue;
    return fail(Fault::invalid,
                std::format("--{} is about a model that runs, and with --modelled none does: leave out one of them",
                            option->get_single_name()));
  }
  return {};
}

}  // namespace fovea::app
