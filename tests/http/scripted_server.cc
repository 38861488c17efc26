#include "http/scripted_server.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <format>
#include <stdexcept>

extern char** environ;

namespace fovea::test {

ScriptedServer::ScriptedServer() {
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  std::string python = "python3", script = FOVEA_SOURCE_DIR "/tests/http/scripted_server.py";
  std::array<char*, 3> arguments = {python.data(), script.data(), nullptr};
  const int failed = posix_spawnp(&process_, "python3", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe[1]);
  FILE* out = fdopen(pipe[0], "r");
  std::array<char, 16> line{};
  const bool told = failed == 0 && std::fgets(line.data(), line.size(), out) != nullptr;
  std::fclose(out);
  if (!told) throw std::runtime_error("python3 did not start tests/http/scripted_server.py");
  port_ = std::stoi(line.data());
}

ScriptedServer::~ScriptedServer() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

std::string ScriptedServer::url(std::string_view path) const {
  return std::format("http://127.0.0.1:{}{}", port_, path);
}

std::string ScriptedServer::url_of(std::string_view steps) const {
  std::string encoded;
  for (const char c : std::format(R"({{"turns":[{}]}})", steps))
    encoded += std::format("%{:02x}", static_cast<unsigned char>(c));
  return url("/?script=" + encoded);
}

void ScriptedServer::open(std::string_view gate) { get(std::format("/open/{}", gate)); }

void ScriptedServer::wait_for(std::string_view name, int count) { get(std::format("/seen/{}/{}", name, count)); }

std::string ScriptedServer::requests(std::string_view name) { return get(std::format("/requests/{}", name)); }

std::string ScriptedServer::get(const std::string& path) {
  std::string body;
  const auto on_body = [&](std::string_view bytes) {
    body += bytes;
    return true;
  };
  const auto head = client_.send({.url = Url::parse(url(path)).value()}, {}, on_body);
  if (!head) throw std::runtime_error(head.error().message);
  return body;
}

std::string script(std::string_view name, std::string_view turns) {
  return std::format(R"({{"name":{},"turns":{}}})", json_quoted(name), turns);
}

std::string json_quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    if (c == '\n') {
      json += "\\n";
    } else {
      json += c;
    }
  }
  return json + '"';
}

}  // namespace fovea::test
