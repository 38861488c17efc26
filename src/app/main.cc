// fovea: the command line. Each verb is a file of its own; this one gathers them and says what is wrong with
// the usage.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <print>
#include <string>
#include <vector>

#include "app/flags/environment.h"
#include "app/flags/settings_file.h"
#include "app/verbs.h"
#include "fovea/version.h"

int main(int argc, char** argv) {
  CLI::App app("Fovea makes the second look at a picture free: a multi-level cache for vision-language models.",
               "fovea");
  app.set_version_flag("--version", "fovea " FOVEA_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->enable_footer_formatting(false);  // a footer holds examples, one a line
  app.failure_message(CLI::FailureMessage::simple);
  app.footer(
      "Start with:  fovea ask photo.jpg \"What is this?\"\n"
      "Help for a verb:  fovea ask --help, or man fovea-ask");
  int exit_code = 0;
  fovea::app::add_ask(app, exit_code);
  fovea::app::add_audit(app, exit_code);
  fovea::app::add_bench(app, exit_code);
  fovea::app::add_cache(app, exit_code);
  fovea::app::add_demo(app, exit_code);
  fovea::app::add_model(app, exit_code);
  fovea::app::add_profile(app, exit_code);
  fovea::app::add_replay(app, exit_code);
  fovea::app::add_serve(app, exit_code);
  fovea::app::add_simulate(app, exit_code);
  fovea::app::add_warm(app, exit_code);
  fovea::app::add_completion(app, exit_code);
  fovea::app::add_man(app, exit_code);  // the last one: it offers the names of all verbs
  const auto args = fovea::app::with_settings_file(app, fovea::app::with_environment(app, {argv + 1, argv + argc}));
  if (!args) {
    std::println(stderr, "fovea: {}", args.error().message);
    return 2;
  }
  try {
    app.parse(std::vector(args->rbegin(), args->rend()));  // CLI11 takes them from the end
  } catch (const CLI::Success& request) {                  // --help, --version
    return app.exit(request);
  } catch (const CLI::ParseError& error) {
    const CLI::App* verb = args->empty() ? nullptr : app.get_subcommand_no_throw(args->front());
    const std::string wrong = verb == nullptr ? error.what() : fovea::app::naming_variables(*verb, error.what());
    std::println(stderr, "fovea: {}\nRun with --help for more information.", wrong);
    return 2;
  } catch (const std::exception& error) {
    std::println(stderr, "fovea: {}", error.what());
    return 1;
  }
  return exit_code;
}
