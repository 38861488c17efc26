// The verbs below `fovea cache`. Each function adds one to the parser, as app/verbs.h says.
#pragma once

namespace CLI {
class App;
}

namespace fovea::app {

void add_cache_stats(CLI::App& cache, int& exit_code);
void add_cache_ls(CLI::App& cache, int& exit_code);
void add_cache_verify(CLI::App& cache, int& exit_code);
void add_cache_doctor(CLI::App& cache, int& exit_code);
void add_cache_export(CLI::App& cache, int& exit_code);
void add_cache_import(CLI::App& cache, int& exit_code);
void add_cache_purge(CLI::App& cache, int& exit_code);

}  // namespace fovea::app
