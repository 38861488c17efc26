#include "serve/http/tls/server_certificate.h"

#include <gmock/gmock.h>

#include "serve/http/tls/certificate_files.h"

namespace fovea::serve {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class ServerCertificateTest : public testing::Test {
 protected:
  ServerCertificateTest() {
    made_.make("right");
    made_.make("other");
  }
  // Why these files are not taken; "" where they are.
  std::string refusal(const std::string& certificate, const std::string& key) const {
    const auto opened = ServerCertificate::open({made_.file(certificate), made_.file(key)});
    return opened ? "" : opened.error().message;
  }

  test::TestCertificates made_;
};

TEST_F(ServerCertificateTest, IsReadFromTwoFilesOrOne) {
  EXPECT_EQ(refusal("right.pem", "right.key"), "");
  made_.write("both.pem", made_.text("right.key") + made_.text("right.pem"));
  EXPECT_EQ(refusal("both.pem", "both.pem"), "");
  made_.write("both.pem", made_.text("right.pem") + made_.text("right.key"));
  EXPECT_EQ(refusal("both.pem", "both.pem"), "");
  made_.write("chain.pem", made_.text("right.pem") + "a comment\n" + made_.text("other.pem"));
  EXPECT_EQ(refusal("chain.pem", "right.key"), "");
}

TEST_F(ServerCertificateTest, WhatIsWrongIsToldWithItsFile) {
  EXPECT_THAT(refusal("none.pem", "right.key"),
              EndsWith("none.pem: the file cannot be read (No such file or directory)"));
  EXPECT_THAT(refusal("right.pem", "none.key"),
              EndsWith("none.key: the file cannot be read (No such file or directory)"));
  EXPECT_EQ(ServerCertificate::open({made_.file("none.pem"), {}}).error().fault, Fault::not_found);
  EXPECT_THAT(refusal(".", "right.key"), HasSubstr("Is a directory"));
  made_.write("text", "neither\n");
  EXPECT_THAT(refusal("text", "right.key"), HasSubstr("text: there is no certificate in it"));
  EXPECT_THAT(refusal("right.pem", "text"), HasSubstr("text: there is no private key in it that can be read ("));
  EXPECT_THAT(refusal("right.key", "right.pem"), HasSubstr("right.key: there is no certificate in it"))
      << "turned round";
  std::string damaged = made_.text("right.pem");
  damaged[damaged.size() / 2] = '!';
  made_.write("damaged.pem", damaged);
  EXPECT_THAT(refusal("damaged.pem", "right.key"), HasSubstr("damaged.pem: a certificate in it cannot be read ("));
  made_.write("chain.pem", made_.text("right.pem") + damaged);
  EXPECT_THAT(refusal("chain.pem", "right.key"), HasSubstr("chain.pem: a certificate in it cannot be read ("));
  std::string damaged_key = made_.text("right.key");
  damaged_key[damaged_key.size() / 2] = '!';
  made_.write("damaged.key", damaged_key);
  EXPECT_THAT(refusal("right.pem", "damaged.key"),
              HasSubstr("damaged.key: there is no private key in it that can be read ("));
}

TEST_F(ServerCertificateTest, TheKeyIsThatOfTheFirstCertificate) {
  EXPECT_THAT(refusal("right.pem", "other.key"),
              AllOf(HasSubstr("other.key: this is not the key of the first certificate in "), HasSubstr("right.pem")));
  made_.write("chain.pem", made_.text("other.pem") + made_.text("right.pem"));
  EXPECT_THAT(refusal("chain.pem", "right.key"), HasSubstr("the server's own comes first"));
}

TEST_F(ServerCertificateTest, AnEncryptedKeyIsRefusedWithoutAsking) {
  const std::string key = made_.file("right.key"), locked = made_.file("locked.key");
  test::TestCertificates::run("openssl pkey -aes128 -passout pass:secret -in " + key + " -out " + locked);
  EXPECT_THAT(refusal("right.pem", "locked.key"),
              AllOf(StartsWith(locked), HasSubstr("the key is encrypted"), HasSubstr("openssl pkey -in " + locked)));
}

TEST_F(ServerCertificateTest, AWeakKeyIsNotUsed) {
  test::TestCertificates::run("openssl req -x509 -newkey rsa:512 -nodes -days 2 -subj /CN=weak -keyout " +
                              made_.file("weak.key") + " -out " + made_.file("weak.pem"));
  EXPECT_THAT(refusal("weak.pem", "weak.key"), HasSubstr("weak.pem: TLS cannot use the certificate ("));
}

TEST_F(ServerCertificateTest, ReadingAgainTakesNewFilesAndKeepsTheOldForBadOnes) {
  const auto certificate = ServerCertificate::open(made_.files("right")).value();
  const std::string before = certificate->valid_until();
  EXPECT_THAT(before, EndsWith(" GMT"));
  test::TestCertificates::run("openssl req -x509 -key " + made_.file("right.key") + " -days 400 -subj /CN=new -out " +
                              made_.file("right.pem"));
  ASSERT_TRUE(certificate->reload());
  const std::string after = certificate->valid_until();
  EXPECT_NE(after, before);
  made_.write("right.pem", made_.text("other.pem"));
  EXPECT_THAT(certificate->reload().error().message, HasSubstr("right.key: this is not the key"));
  std::filesystem::remove(made_.file("right.key"));
  EXPECT_THAT(certificate->reload().error().message, HasSubstr("right.key: the file cannot be read"));
  EXPECT_EQ(certificate->valid_until(), after);
}

}  // namespace
}  // namespace fovea::serve
