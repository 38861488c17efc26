// The verbs of the command line. Each function adds one verb to the parser. The verb's callback runs it and
// sets the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted. Errors go to stderr as "fovea:
// <sentence>". `app` and `exit_code` must outlive the parsing.
#pragma once

namespace CLI {
class App;
}

namespace fovea::app {

void add_ask(CLI::App& app, int& exit_code);
void add_audit(CLI::App& app, int& exit_code);
void add_bench(CLI::App& app, int& exit_code);
void add_cache(CLI::App& app, int& exit_code);
void add_completion(CLI::App& app, int& exit_code);
void add_demo(CLI::App& app, int& exit_code);
void add_man(CLI::App& app, int& exit_code);
void add_model(CLI::App& app, int& exit_code);
void add_profile(CLI::App& app, int& exit_code);
void add_replay(CLI::App& app, int& exit_code);
void add_serve(CLI::App& app, int& exit_code);
void add_simulate(CLI::App& app, int& exit_code);
void add_warm(CLI::App& app, int& exit_code);

}  // namespace fovea::app
