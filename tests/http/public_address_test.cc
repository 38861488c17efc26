#include "http/public_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <string>

namespace fovea {
namespace {

bool is_public_text(const std::string& address) {
  sockaddr_in v4{.sin_family = AF_INET};
  if (inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) return is_public(bytes_of(v4));
  sockaddr_in6 v6{.sin6_family = AF_INET6};
  EXPECT_EQ(inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr), 1) << address;
  return is_public(bytes_of(v6));
}

TEST(PublicAddress, IsWhatTheRegistriesLeave) {
  for (const char* address : {
           "1.1.1.1",         "8.8.8.8",           "9.255.255.255",
           "11.0.0.0",        "100.63.255.255",    "100.128.0.0",
           "126.255.255.255", "128.0.0.0",         "169.253.255.255",
           "169.255.0.0",     "172.15.255.255",    "172.32.0.0",
           "192.0.1.0",       "192.0.3.0",         "192.167.255.255",
           "192.169.0.0",     "198.17.255.255",    "198.20.0.0",
           "223.255.255.255", "2001:200::1",       "2001:4860:4860::8888",
           "2606:4700::1111", "2a00:1450:4001::1", "3ffe:ffff::1",
           "::ffff:8.8.8.8",  "64:ff9b::8.8.8.8",  "2002:808:808::1",
       })
    EXPECT_TRUE(is_public_text(address)) << address;
}

TEST(PublicAddress, IsNoneOfTheSpecialBlocksToTheirEnds) {
  for (const char* address : {
           "0.0.0.0",         "0.255.255.255",   "10.0.0.0",        "10.255.255.255",  "100.64.0.0",
           "100.127.255.255", "127.0.0.1",       "127.255.255.255", "169.254.0.0",     "169.254.169.254",
           "169.254.255.255", "172.16.0.0",      "172.31.255.255",  "192.0.0.0",       "192.0.0.255",
           "192.0.2.1",       "192.88.99.1",     "192.168.0.0",     "192.168.255.255", "198.18.0.0",
           "198.19.255.255",  "198.51.100.1",    "203.0.113.1",     "224.0.0.1",       "239.255.255.255",
           "240.0.0.1",       "255.255.255.255",
       })
    EXPECT_FALSE(is_public_text(address)) << address;
  for (const char* address : {
           "::",                        // unspecified
           "::1",                       // loopback
           "::8.8.8.8",                 // once IPv4-compatible, now nothing
           "64:ff9b:1::808:808",        // NAT64 of one's own network
           "100::1",                    // discarded
           "2001::1",                   // Teredo
           "2001:2::1",                 // benchmarking
           "2001:1ff:ffff::1",          // the end of the protocol assignments
           "2001:db8::1",               // documentation
           "3fff:fff::1",               // documentation
           "5f00::1",                   // segment routing
           "fc00::1",                   // unique local
           "fdff:ffff::1",              // unique local
           "fe80::1",                   // link-local
           "febf::1",                   // link-local
           "fec0::1",                   // once site-local
           "ff02::1",                   // multicast
           "::ffff:127.0.0.1",          // mapped
           "::ffff:10.0.0.1",           // mapped
           "64:ff9b::169.254.169.254",  // NAT64
           "2002:7f00:1::1",            // 6to4 of 127.0.0.1
           "2002:c0a8:101::1",          // 6to4 of 192.168.1.1
       })
    EXPECT_FALSE(is_public_text(address)) << address;
}

TEST(PublicAddress, IsNoOtherFamilyAndNothingCutOff) {
  EXPECT_FALSE(is_public(bytes_of(sockaddr_un{.sun_family = AF_UNIX, .sun_path = "/run/x"})));
  sockaddr_in v4{.sin_family = AF_INET};
  inet_pton(AF_INET, "8.8.8.8", &v4.sin_addr);
  EXPECT_TRUE(is_public(bytes_of(v4)));
  EXPECT_FALSE(is_public(bytes_of(v4).first(7)));
  EXPECT_FALSE(is_public({}));
}

TEST(PublicAddress, IsWrittenAsPeopleWriteIt) {
  sockaddr_in v4{.sin_family = AF_INET};
  inet_pton(AF_INET, "127.0.0.1", &v4.sin_addr);
  EXPECT_EQ(to_text(bytes_of(v4)), "127.0.0.1");
  sockaddr_in6 v6{.sin6_family = AF_INET6};
  inet_pton(AF_INET6, "fe80::1", &v6.sin6_addr);
  EXPECT_EQ(to_text(bytes_of(v6)), "fe80::1");
  EXPECT_EQ(to_text({}), "an unknown address");
}

}  // namespace
}  // namespace fovea
