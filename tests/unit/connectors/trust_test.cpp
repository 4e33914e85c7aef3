#include "connectors/http/trust.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <fstream>
#include <string>

namespace usher::http {
namespace {

class Trust : public testing::Test {
 protected:
  Trust() {
    std::string name = testing::TempDir() + "trust.XXXXXX";
    root = mkdtemp(name.data());
  }
  ~Trust() override { std::filesystem::remove_all(root); }

  std::filesystem::path write(const std::string& file) const {
    std::filesystem::create_directories((root / file).parent_path());
    std::ofstream(root / file) << "-----BEGIN CERTIFICATE-----\n";
    return root / file;
  }

  std::filesystem::path root;
};

TEST_F(Trust, IsFoundWhereEachSystemKeepsIt) {
  EXPECT_EQ(trusted_certificates(root), "");
  std::filesystem::create_directories(root / "etc/ssl/ca-bundle.pem");  // a folder is no file of certificates
  EXPECT_EQ(trusted_certificates(root), "");
  for (const char* file :
       {"etc/pki/tls/certs/ca-bundle.crt", "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "etc/ssl/certs/ca-certificates.crt"}) {
    const auto written = write(file);
    EXPECT_EQ(trusted_certificates(root), written);
  }
}

TEST_F(Trust, ALinkIsFollowedAndADeadOneIsNot) {
  std::filesystem::create_directories(root / "etc/pki/tls/certs");
  const auto link = root / "etc/pki/tls/certs/ca-bundle.crt";
  std::filesystem::create_symlink(root / "elsewhere.pem", link);
  EXPECT_EQ(trusted_certificates(root), "");
  write("elsewhere.pem");
  EXPECT_EQ(trusted_certificates(root), link);
}

}  // namespace
}  // namespace usher::http
