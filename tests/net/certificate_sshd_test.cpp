// Host certificates (@cert-authority) against a real sshd, with ssh(1) as the oracle: whatever it
// accepts or refuses of these, the pool must, too.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>

#include "net/bench.hpp"
#include "net/sshd.hpp"

namespace bdsh::net::test {
namespace {

class HostCertificateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Sshd::available()) GTEST_SKIP() << "NO /usr/sbin/sshd: nothing here is tested";
    make_key(path("ca"), "ed25519");
  }

  std::string path(const std::string& name) const { return dir_.path(name); }

  // A host key of `type`, certified by the authority in file `ca`; sshd's lines for both.
  std::string certified_key(const std::string& type, const std::vector<std::string>& arguments,
                            const std::string& ca = "ca") {
    const std::string key = path("host_" + type);
    make_key(key, type);
    std::vector<std::string> words{"ssh-keygen", "-q", "-s", path(ca), "-I", "a host", "-h"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    words.push_back(key + ".pub");
    run_program(words);
    return "HostKey " + key + "\nHostCertificate " + key + "-cert.pub\n";
  }

  std::string public_key(const std::string& name) const { return read_text(path(name + ".pub")); }

  HostSpec spec(const Sshd& sshd, const std::string& known) const {
    write_text(path("known"), known);
    HostSpec spec = sshd.spec();
    spec.user_known_hosts = {path("known")};
    spec.global_known_hosts = {};
    spec.host_key_policy = HostKeyPolicy::strict;
    return spec;
  }

  // Whether ssh(1) logs in.
  bool ssh_accepts(const HostSpec& spec) const {
    std::vector<std::string> words{"ssh", "-F", "/dev/null", "-l", spec.user};
    for (const std::string& option :
         {"UserKnownHostsFile=" + spec.user_known_hosts.at(0),
          std::string("GlobalKnownHostsFile=/dev/null"), std::string("StrictHostKeyChecking=yes"),
          std::string("BatchMode=yes")})
      words.insert(words.end(), {"-o", option});
    if (!spec.host_key_alias.empty())
      words.insert(words.end(), {"-o", "HostKeyAlias=" + spec.host_key_alias});
    if (!spec.host_key_algorithms.empty())
      words.insert(words.end(), {"-o", "HostKeyAlgorithms=" + spec.host_key_algorithms});
    words.insert(words.end(), {"-i", spec.identity_files.at(0), "-p", std::to_string(spec.port),
                               spec.address, "true"});
    Child ssh(words, path("ssh.log"));
    int status = -1;
    ::waitpid(ssh.pid(), &status, 0);
    return status == 0;
  }

  // What both make of it; and what the pool says.
  void expect(bool accepted, const HostSpec& spec, const std::string& word) {
    EXPECT_EQ(ssh_accepts(spec), accepted) << "ssh: " << read_text(path("ssh.log"));
    Bench bench({spec}, batch("echo in"));
    bench.run_to_end();
    EXPECT_EQ(bench.host().out, accepted ? "in\n" : "") << bench.host().error();
    const std::string said =
        bench.host().event_text() + bench.host().error() + " certified by " +
        (bench.host().logins.empty() ? "" : bench.host().logins.back().host_authority);
    EXPECT_NE(said.find(word), std::string::npos) << said;
  }

 private:
  TempDir dir_;
};

TEST_F(HostCertificateTest, OfEachKindOfKeyAndAuthority) {
  make_key(path("rsa"), "rsa");
  make_key(path("ecdsa"), "ecdsa");
  for (const std::string type : {"ed25519", "ecdsa", "rsa"})
    for (const std::string ca : {"ca", "rsa", "ecdsa"}) {
      SCOPED_TRACE(type + " by " + ca);
      const Sshd sshd(certified_key(type, {"-n", "127.0.0.1"}, ca));
      expect(true, spec(sshd, "@cert-authority * " + public_key(ca)),
             "certified by " + public_key(ca).substr(0, public_key(ca).find(' ')));
      std::filesystem::remove(path("host_" + type));
    }
}

TEST_F(HostCertificateTest, WithoutPrincipalsAsSshTakesIt) {
  const Sshd sshd(certified_key("ed25519", {}));
  expect(true, spec(sshd, "@cert-authority 127.0.0.1 " + public_key("ca")),
         "certified by ssh-ed25519 SHA256:");
}

TEST_F(HostCertificateTest, OfAnAlias) {
  const Sshd sshd(certified_key("ed25519", {"-n", "web01.example.org"}));
  HostSpec host = spec(sshd, "@cert-authority *.example.org " + public_key("ca"));
  host.host_key_alias = "web01.example.org";
  expect(true, host, "certified by ssh-ed25519");
  host.host_key_alias = "web02.example.org";
  expect(false, host, "it is for web01.example.org, not for web02.example.org");
}

TEST_F(HostCertificateTest, ExpiredOrNotYetValid) {
  {
    const Sshd sshd(certified_key("ed25519", {"-n", "127.0.0.1", "-V", "20200101:20200102"}));
    expect(false, spec(sshd, "@cert-authority * " + public_key("ca")), "it expired on 2020-01-0");
  }
  std::filesystem::remove(path("host_ed25519"));
  const Sshd sshd(certified_key("ed25519", {"-n", "127.0.0.1", "-V", "20900101:20900102"}));
  expect(false, spec(sshd, "@cert-authority * " + public_key("ca")), "it is not valid before 20");
}

TEST_F(HostCertificateTest, OfAnotherAuthorityOrARevokedOne) {
  make_key(path("other"), "ed25519");
  const Sshd sshd(certified_key("ed25519", {"-n", "127.0.0.1"}));
  expect(false, spec(sshd, "@cert-authority * " + public_key("other")),
         "its authority is not trusted for it");
  expect(false, spec(sshd, "@cert-authority *.example.org " + public_key("ca")),
         "host key unknown");
  expect(false,
         spec(sshd, "@cert-authority * " + public_key("ca") + "@revoked * " + public_key("ca")),
         "host key revoked");
  expect(false,
         spec(sshd,
              "@cert-authority * " + public_key("ca") + "@revoked * " + public_key("host_ed25519")),
         "host key revoked");
}

// The key that is known is an old one; the authority vouches for the new one.
TEST_F(HostCertificateTest, StandsAboveAnOldKey) {
  make_key(path("old"), "ed25519");
  const Sshd sshd(certified_key("ed25519", {"-n", "127.0.0.1"}));
  const std::string name = "[127.0.0.1]:" + std::to_string(sshd.port());
  expect(true, spec(sshd, name + " " + public_key("old") + "@cert-authority * " + public_key("ca")),
         "certified by ssh-ed25519");
}

// Of two keys the server has a certificate for the one that is not preferred.
TEST_F(HostCertificateTest, DecidesWhichKeyIsUsed) {
  const Sshd sshd(
      certified_key("rsa", {"-n", "127.0.0.1"}));  // its other key is Ed25519, without one
  expect(true, spec(sshd, "@cert-authority * " + public_key("ca")), "certified by ssh-ed25519");
}

TEST_F(HostCertificateTest, WithinTheUsersAlgorithms) {
  const Sshd sshd(certified_key("ed25519", {"-n", "127.0.0.1"}));
  HostSpec host = spec(sshd, "@cert-authority * " + public_key("ca"));
  host.host_key_algorithms = "ssh-ed25519-cert-v01@openssh.com";
  expect(true, host, "certified by ssh-ed25519");
  host.host_key_algorithms = "ssh-ed25519";  // no certificate is wanted
  expect(false, host, "host key unknown");
}

TEST_F(HostCertificateTest, IsMissing) {
  const Sshd sshd;
  expect(false, spec(sshd, "@cert-authority * " + public_key("ca")),
         "its certificate: it has none (");
  const std::string name = "[127.0.0.1]:" + std::to_string(sshd.port());
  expect(true,
         spec(sshd, name + " " + sshd.host_key_line() + "\n@cert-authority * " + public_key("ca")),
         "");
}

TEST_F(HostCertificateTest, BehindAJumpHost) {
  const Sshd jump;
  const Sshd sshd(certified_key("ed25519", {"-n", "127.0.0.1"}));
  HostSpec host = spec(sshd, "@cert-authority * " + public_key("ca"));
  host.jumps = {jump.spec("jump")};
  Bench bench({host, host}, batch("echo in"));
  bench.run_to_end(2);
  EXPECT_EQ(bench.host(0).out + bench.host(1).out, "in\nin\n") << bench.host().error();
}

TEST_F(HostCertificateTest, ThroughAProxyCommand) {
  const Sshd sshd(certified_key("ed25519", {"-n", "127.0.0.1"}));
  HostSpec host = spec(sshd, "@cert-authority * " + public_key("ca"));
  host.proxy_command = "/usr/sbin/sshd -i -f " + sshd.path("config");
  Bench bench({host}, batch("echo in"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "in\n") << bench.host().error();
}

// Only some exchanges and keys are the server's; the request must find a common one.
TEST_F(HostCertificateTest, WithAnyKeyExchange) {
  for (const char* exchange : {"curve25519-sha256", "ecdh-sha2-nistp256",
                               "diffie-hellman-group14-sha256", "diffie-hellman-group16-sha512"}) {
    SCOPED_TRACE(exchange);
    const Sshd sshd(certified_key("ed25519", {"-n", "127.0.0.1"}) + "KexAlgorithms " + exchange);
    expect(true, spec(sshd, "@cert-authority * " + public_key("ca")), "certified by ssh-ed25519");
    std::filesystem::remove(path("host_ed25519"));
  }
}

// As ssh(1) looks keys up: by the name without the port when the one with it is not known.
TEST_F(HostCertificateTest, AKeyKnownWithoutThePortIsKnown) {
  const Sshd sshd;
  expect(true, spec(sshd, "127.0.0.1 " + sshd.host_key_line() + "\n"), "");
  make_key(path("old"), "ed25519");
  expect(false, spec(sshd, "127.0.0.1 " + public_key("old")), "host key unknown");
}

TEST_F(HostCertificateTest, HundredHostsLoseNobody) {
  const Sshd sshd(certified_key("ed25519", {"-n", "127.0.0.1"}) + "MaxStartups 10:30:100");
  const HostSpec host = spec(sshd, "@cert-authority * " + public_key("ca"));
  Bench bench(std::vector<HostSpec>(100, host), batch("echo in"));
  bench.run_to_end(100);
  for (std::uint32_t i = 0; i < 100; ++i)
    EXPECT_EQ(bench.host(i).out, "in\n") << bench.host(i).error();
}

}  // namespace
}  // namespace bdsh::net::test
