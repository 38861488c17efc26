// A folder with certificates for tests, and their keys, made by the program openssl. For one thread.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <sstream>
#include <string>

#include "base/scratch_folder.h"
#include "serve/http/tls/server_certificate.h"

namespace fovea::serve::test {

class TestCertificates {
 public:
  // NAME.pem, a certificate that signs itself for 127.0.0.1, and NAME.key.
  void make(const std::string& name) const {
    run(
        std::format("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
                    // no old name of ours, but X.509's:
                    "-subj /CN={0} -addext subjectAltName=IP:127.0.0.1 -keyout {1} -out {2}",
                    name, file(name + ".key"), file(name + ".pem")));
  }
  static void run(const std::string& command) {
    ASSERT_EQ(std::system((command + " 2>/dev/null").c_str()), 0) << "the program openssl is missing: " << command;
  }

  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
  CertificateFiles files(const std::string& name) const { return {file(name + ".pem"), file(name + ".key")}; }
  std::string text(const std::string& name) const {
    std::ostringstream all;
    all << std::ifstream(file(name)).rdbuf();
    return all.str();
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(file(name)) << text; }

 private:
  ScratchFolder folder_ = ScratchFolder::make("fovea-certificates").value();
};

}  // namespace fovea::serve::test
