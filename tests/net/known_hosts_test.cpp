// known_hosts against files that ssh-keygen wrote or a person might write.
#include "net/known_hosts.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "net/digest.hpp"
#include "net/sshd.hpp"

namespace bdsh::net::test {
namespace {

// A key in wire form: the type's name, then anything.
HostKey make(const std::string& type, const std::string& rest) {
  return {type, std::string("\0\0\0", 3) + static_cast<char>(type.size()) + type + rest};
}

const HostKey kOne = make("ssh-ed25519", "one");
const HostKey kTwo = make("ssh-ed25519", "two");
const HostKey kRsa = make("ssh-rsa", "rsa");

std::string text_of(const HostKey& key) { return key.type + " " + to_base64(key.blob); }

KnownHosts parse(const std::string& text) {
  KnownHosts hosts;
  hosts.add("known_hosts", text);
  return hosts;
}

HostKeyVerdict verdict(const KnownHosts& hosts, const std::string& name, const HostKey& key) {
  return hosts.check(name, key).verdict;
}

TEST(KnownHosts, PlainNamesAddressesAndPorts) {
  const auto hosts = parse("web01,192.0.2.1 " + text_of(kOne) + "\n[db]:2222 " + text_of(kTwo));
  EXPECT_EQ(verdict(hosts, host_name("WEB01", 22), kOne), HostKeyVerdict::known);
  EXPECT_EQ(verdict(hosts, host_name("192.0.2.1", 22), kOne), HostKeyVerdict::known);
  EXPECT_EQ(verdict(hosts, host_name("db", 2222), kTwo), HostKeyVerdict::known);
  EXPECT_EQ(verdict(hosts, host_name("db", 22), kTwo), HostKeyVerdict::unknown);
  EXPECT_EQ(verdict(hosts, host_name("web01", 22), kTwo), HostKeyVerdict::changed);
}

TEST(KnownHosts, ChangedNamesTheKnownKeysAndTheirLines) {
  const auto hosts = parse("# mine\n\nweb " + text_of(kOne) + "\nweb " + text_of(kRsa) + "\n");
  const KeyCheck check = hosts.check("web", kTwo);
  ASSERT_EQ(check.known.size(), 2U);
  EXPECT_EQ(check.known[0].where(), "known_hosts:3");
  EXPECT_EQ(check.known[1].key, kRsa);
}

TEST(KnownHosts, AnotherTypeThanTheKnownOneIsAChange) {
  const auto hosts = parse("web " + text_of(kRsa));
  EXPECT_EQ(verdict(hosts, "web", kOne), HostKeyVerdict::changed);
  EXPECT_EQ(hosts.known_types("web"), std::vector<std::string>{"ssh-rsa"});
}

TEST(KnownHosts, SeveralKeysAndDuplicatesAreFine) {
  const auto hosts = parse("web " + text_of(kOne) + "\nweb " + text_of(kTwo) + "\nweb " +
                           text_of(kOne) + "\n");
  EXPECT_EQ(verdict(hosts, "web", kOne), HostKeyVerdict::known);
  EXPECT_EQ(verdict(hosts, "web", kTwo), HostKeyVerdict::known);
}

TEST(KnownHosts, WildcardsAndNegation) {
  const auto hosts = parse("*.example.org,!bad.example.org,web?? " + text_of(kOne));
  EXPECT_EQ(verdict(hosts, "a.example.org", kOne), HostKeyVerdict::known);
  EXPECT_EQ(verdict(hosts, "bad.example.org", kOne), HostKeyVerdict::unknown);
  EXPECT_EQ(verdict(hosts, "web12", kOne), HostKeyVerdict::known);
  EXPECT_EQ(verdict(hosts, "web123", kOne), HostKeyVerdict::unknown);
}

TEST(KnownHosts, RevokedWinsOverKnownAnywhere) {
  const auto hosts = parse("web " + text_of(kOne) + "\n@revoked * " + text_of(kOne) + "\n");
  const KeyCheck check = hosts.check("web", kOne);
  EXPECT_EQ(check.verdict, HostKeyVerdict::revoked);
  EXPECT_EQ(check.known.at(0).line, 2);
}

TEST(KnownHosts, AuthoritiesAreNoHostKeys) {
  const auto hosts = parse("@cert-authority * " + text_of(kOne));
  EXPECT_EQ(verdict(hosts, "web", kOne), HostKeyVerdict::unknown);
  EXPECT_TRUE(hosts.known_types("web").empty());
}

TEST(KnownHosts, BrokenLinesAreSkippedAndCounted) {
  const auto hosts = parse("web\nweb ssh-ed25519\nweb ssh-ed25519 ????\n@what web " + text_of(kOne) +
                           "\n|1|x|y " + text_of(kOne) + "\nweb ssh-rsa " + to_base64(kOne.blob) +
                           "\r\n\tgood  " + text_of(kOne) + " a comment\r\n");
  EXPECT_EQ(hosts.skipped(), 6);
  EXPECT_EQ(verdict(hosts, "good", kOne), HostKeyVerdict::known);
}

TEST(KnownHosts, OwnHashedLinesAreFound) {
  const auto hosts = parse(known_hosts_line("[web]:2222", kOne, true));
  EXPECT_EQ(verdict(hosts, "[web]:2222", kOne), HostKeyVerdict::known);
  EXPECT_EQ(verdict(hosts, "web", kOne), HostKeyVerdict::unknown);
}

// ssh-keygen is the oracle for hashing and for fingerprints.
TEST(KnownHosts, LinesHashedBySshKeygenAreFound) {
  const TempDir dir;
  make_key(dir.path("key"), "ed25519");
  const std::string file = dir.path("known_hosts");
  write_text(file, "web01,192.0.2.7 " + read_text(dir.path("key.pub")));
  run_program({"ssh-keygen", "-q", "-H", "-f", file});
  KnownHosts hosts;
  hosts.add(file, read_file(file).value());
  EXPECT_EQ(hosts.size(), 2U);
  const KeyCheck check = hosts.check("web01", kOne);
  ASSERT_EQ(check.known.size(), 1U);
  EXPECT_EQ(verdict(hosts, "192.0.2.7", check.known[0].key), HostKeyVerdict::known);
}

TEST(KnownHostsFile, AppendMakesFolderAndFileAndMendsAMissingLineEnd) {
  const TempDir dir;
  const std::string file = dir.path("ssh/known_hosts");
  ASSERT_TRUE(append_lines(file, "one\n").ok());
  write_text(file, "no end");
  ASSERT_TRUE(append_lines(file, "two\n").ok());
  EXPECT_EQ(read_text(file), "no end\ntwo\n");
  struct stat info {};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST(KnownHostsFile, AMissingFileIsEmptyAndAFolderIsAnError) {
  const TempDir dir;
  EXPECT_EQ(read_file(dir.path("none")).value(), "");
  EXPECT_FALSE(read_file(dir.path(".")).ok());
  EXPECT_FALSE(append_lines("/proc/none/known_hosts", "x\n").ok());
}

// The bounded twin of the fuzz target: mutations of a sound file never crash the parser.
TEST(KnownHosts, MutatedFilesAreHarmless) {
  const std::string sound = "web,*.x,!y " + text_of(kOne) + "\n@revoked * " + text_of(kRsa) + "\n" +
                            known_hosts_line("web", kTwo, true);
  unsigned seed = 1;
  const auto next = [&seed] { return seed = seed * 1'103'515'245U + 12'345U, seed >> 16U; };
  for (int run = 0; run < 20'000; ++run) {
    std::string text = sound;
    for (unsigned i = next() % 8; i > 0; --i) text[next() % text.size()] = static_cast<char>(next());
    if (next() % 4 == 0) text.resize(next() % text.size());
    const auto hosts = parse(text);
    const auto check = hosts.check("web", kOne);
    ASSERT_LE(check.known.size(), hosts.size());
  }
}

TEST(Digest, KnownAnswers) {
  EXPECT_EQ(to_base64(sha256("abc")), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
  // RFC 2202, case 2.
  EXPECT_EQ(to_base64(hmac_sha1("Jefe", "what do ya want for nothing?")),
            "7/zfauXrL6LSdBbV8YTfnCWafHk=");
  EXPECT_EQ(from_base64("YWJj").value(), "abc");
  EXPECT_FALSE(from_base64("YW=j"));
  EXPECT_FALSE(from_base64("YWJj\n"));
  EXPECT_FALSE(from_base64(""));
}

}  // namespace
}  // namespace bdsh::net::test
