#include "tier/valkey/valkey_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <format>
#include <random>
#include <stdexcept>
#include <thread>

#include "base/owned.h"

namespace fovea::test {

namespace {

std::string text_of(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_NIL) return "(nil)";
  if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
  if (reply.type != REDIS_REPLY_ARRAY) return {reply.str, reply.len};
  std::string text;
  for (std::size_t i = 0; i < reply.elements; ++i) text += (i == 0 ? "" : "\n") + text_of(*reply.element[i]);
  return text;
}

using Context = Owned<redisContext, redisFree>;
using OwnedReply = Owned<redisReply, [](redisReply* reply) { freeReplyObject(reply); }>;

OwnedReply ask_over(const Context& context, const std::vector<std::string>& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  return OwnedReply(static_cast<redisReply*>(
      redisCommandArgv(context.get(), static_cast<int>(words.size()), texts.data(), sizes.data())));
}

}  // namespace

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds within) {
  const auto end = std::chrono::steady_clock::now() + within;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

// Below the ports that the system gives to connections: one of those could take it between here and the
// server.
std::uint16_t free_port() {
  constexpr unsigned first = 15'000, last = 32'000;
  for (int tries = 0; tries < 100; ++tries) {
    const auto port = static_cast<std::uint16_t>(first + std::random_device()() % (last - first));
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const bool bound = bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(probe);
    if (bound) return port;
  }
  throw std::runtime_error("no free port");
}

std::string ask_server(std::uint16_t port, const std::vector<std::string>& words, std::string_view password) {
  const Context context(redisConnectWithTimeout("127.0.0.1", port, {.tv_sec = 1, .tv_usec = 0}));
  if (!context || context->err != 0) return "(nothing)";
  redisSetTimeout(context.get(), {.tv_sec = 10, .tv_usec = 0});
  if (!password.empty()) ask_over(context, {"AUTH", std::string(password)});
  const OwnedReply reply = ask_over(context, words);
  return reply ? text_of(*reply) : "(nothing)";
}

ValkeyServer::ValkeyServer(std::vector<std::string> settings) : settings_(std::move(settings)) { start(); }

ValkeyServer::~ValkeyServer() { kill(); }

void ValkeyServer::start() {
  std::vector<std::string> words = {"valkey-server",
                                    "--port",
                                    std::to_string(port_),
                                    "--bind",
                                    "127.0.0.1",
                                    "--save",
                                    "",
                                    "--appendonly",
                                    "no",
                                    "--dir",
                                    folder_.path().string(),
                                    "--loglevel",
                                    "warning",
                                    "--daemonize",
                                    "no",
                                    "--enable-debug-command",
                                    "yes"};
  words.insert(words.end(), settings_.begin(), settings_.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // with a test that crashes
    const int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, STDOUT_FILENO);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  const auto answers = [&] {
    const std::string said = ask({"PING"});
    return said == "PONG" || said.starts_with("NOAUTH");
  };
  // Somebody else may have taken the port, and answers in its place.
  if (!eventually(answers) || waitpid(process_, nullptr, WNOHANG) != 0)
    throw std::runtime_error("valkey-server did not start; package valkey-server has it");
}

void ValkeyServer::kill() {
  if (process_ == 0) return;
  ::kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

void ValkeyServer::stop() {
  ::kill(process_, SIGSTOP);
  waitpid(process_, nullptr, WUNTRACED);
}

void ValkeyServer::resume() { ::kill(process_, SIGCONT); }

std::string ValkeyServer::address() const { return std::format("valkey://127.0.0.1:{}", port_); }

}  // namespace fovea::test
