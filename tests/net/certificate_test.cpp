// Host certificates without a network: what is read of one, what is believed, how one is asked for.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <filesystem>
#include <memory>

#include "net/certificate_request.hpp"
#include "net/digest.hpp"
#include "net/host_certificate.hpp"
#include "net/host_trust.hpp"
#include "net/signature.hpp"
#include "net/sshd.hpp"
#include "net/wire.hpp"

namespace bdsh::net {
namespace {

using test::TempDir;

std::string second_word(const std::string& line) {
  const std::size_t start = line.find(' ') + 1;
  return line.substr(start, line.find_first_of(" \n", start) - start);
}

class CertificateFile {
 public:
  explicit CertificateFile(const std::vector<std::string>& arguments = {
                               "-h", "-n", "web01,web02", "-V",
                               "20200101000000Z:20300101000000Z"}) {
    test::make_key(dir_.path("ca"), "ed25519");
    test::make_key(dir_.path("host"), "ed25519");
    std::vector<std::string> words{"ssh-keygen", "-q",          "-s", dir_.path("ca"),
                                   "-I",         "id \x1b[31m", "-z", "7"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    words.push_back(dir_.path("host.pub"));
    test::run_program(words);
  }
  std::string blob() const {
    return *from_base64(second_word(test::read_text(dir_.path("host-cert.pub"))));
  }
  HostKey key(const std::string& name) const {
    return {"ssh-ed25519", *from_base64(second_word(test::read_text(dir_.path(name + ".pub"))))};
  }

 private:
  TempDir dir_;
};

constexpr std::uint64_t kWithin = 1'700'000'000;
constexpr std::uint64_t kStart = 1'577'836'800;  // 2020-01-01
constexpr std::uint64_t kEnd = 1'893'456'000;    // 2030-01-01

TEST(HostCertificate, SaysWhatSshKeygenPutIn) {
  const CertificateFile file;
  const auto read = read_host_certificate(file.blob());
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->key, file.key("host"));
  EXPECT_EQ(read->authority, file.key("ca"));
  EXPECT_EQ(read->serial, 7U);
  EXPECT_EQ(read->principals, (std::vector<std::string>{"web01", "web02"}));
  EXPECT_EQ(read->valid_after, kStart);
  EXPECT_EQ(read->valid_before, kEnd);
}

TEST(HostCertificate, VouchesForItsKeyNamesAndTimeAlone) {
  const CertificateFile file;
  const HostCertificate read = *read_host_certificate(file.blob());
  const HostKey key = file.key("host");
  const auto says = [&](const HostKey& offered, const std::string& name, std::uint64_t now) {
    const Status status = vouches_for(read, offered, name, now);
    return status ? "yes" : status.error().message;
  };
  EXPECT_EQ(says(key, "web01", kWithin), "yes");
  EXPECT_EQ(says(key, "web01", kStart), "yes");
  EXPECT_EQ(says(key, "web01", kStart - 1), "it is not valid before 2020-01-01 00:00:00 UTC");
  EXPECT_EQ(says(key, "web01", kEnd - 1), "yes");
  EXPECT_EQ(says(key, "web01", kEnd), "it expired on 2030-01-01 00:00:00 UTC");
  EXPECT_EQ(says(key, "web03", kWithin), "it is for web01, web02, not for web03");
  EXPECT_EQ(says(file.key("ca"), "web01", kWithin), "it is about another key than the host's");
}

TEST(HostCertificate, OfAUserIsNone) {
  const CertificateFile file({"-n", "root"});
  EXPECT_EQ(read_host_certificate(file.blob()).error().message, "it is a user's certificate");
}

// Whatever bit is changed, and wherever it is cut: it is not read.
TEST(HostCertificate, NoBitOfItCanBeChanged) {
  const std::string blob = CertificateFile().blob();
  for (std::size_t at = 0; at < blob.size(); ++at) {
    EXPECT_FALSE(read_host_certificate(blob.substr(0, at)).ok()) << at;
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = blob;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      EXPECT_FALSE(read_host_certificate(changed).ok()) << at;
    }
  }
  EXPECT_FALSE(read_host_certificate(blob + "x").ok());
}

// A certificate of an authority on a security token, as PROTOCOL.u2f has its signatures.
TEST(Signature, OfASecurityToken) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> pair(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  std::string point(32, '\0');
  std::size_t length = point.size();
  EVP_PKEY_get_raw_public_key(pair.get(), reinterpret_cast<unsigned char*>(point.data()), &length);
  const std::string added("\x01\0\0\0\x09", 5);
  const std::string message = sha256("ssh:") + added + sha256("data");
  std::string bytes(64, '\0');
  length = bytes.size();
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pair.get());
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(bytes.data()), &length,
                 reinterpret_cast<const unsigned char*>(message.data()), message.size());
  const std::string type = "sk-ssh-ed25519@openssh.com";
  const std::string key = ssh_string(type) + ssh_string(point) + ssh_string("ssh:");
  const std::string signature = ssh_string(type) + ssh_string(bytes) + added;
  EXPECT_TRUE(check_signature(key, signature, "data").ok());
  EXPECT_FALSE(check_signature(key, signature, "other").ok());
  EXPECT_FALSE(check_signature(key, ssh_string(type) + ssh_string(bytes), "data").ok());
}

TEST(Signature, WeakKindsAreRefused) {
  const std::string rsa = ssh_string("ssh-rsa") + ssh_string("\x01") + ssh_string("n");
  EXPECT_EQ(check_signature(rsa, ssh_string("ssh-rsa") + ssh_string("s"), "").error().message,
            "its signature is of a kind that is not accepted (ssh-rsa)");
  EXPECT_EQ(check_signature(rsa, ssh_string("rsa-sha2-256") + ssh_string("s"), "").error().message,
            "its signature is wrong");
  EXPECT_EQ(check_signature("", "", "").error().message, "its signature is broken");
}

std::string packet(const std::string& payload) {
  const std::size_t padding = 8 + (8 - (5 + payload.size()) % 8) % 8;
  return ssh_number(1 + payload.size() + padding) + static_cast<char>(padding) + payload +
         std::string(padding, '\0');
}

std::string offer(const std::string& exchanges, const std::string& keys) {
  std::string text = "\x14" + std::string(16, 'c') + ssh_string(exchanges) + ssh_string(keys);
  for (int i = 0; i < 8; ++i) text += ssh_string("");
  return packet(text + std::string(5, '\0'));
}

constexpr const char* kCertificate = "ssh-ed25519-cert-v01@openssh.com";
using State = CertificateRequest::State;

TEST(CertificateRequest, ReadsTheFirstFieldOfTheReply) {
  CertificateRequest request(kCertificate);
  EXPECT_TRUE(request.take_output().starts_with("SSH-2.0-"));
  const std::string server =
      "Welcome\r\nSSH-2.0-OpenSSH_9.2\r\n" + packet("\x02ignored") +
      offer("sntrup,curve25519-sha256", std::string("ssh-ed25519,") + kCertificate);
  for (const char c : server) request.feed({&c, 1});  // however it is cut
  ASSERT_EQ(request.state(), State::asking) << request.why();
  EXPECT_TRUE(request.greeted());
  EXPECT_EQ(request.take_output().size(), 4U + 1 + 1 + 4 + 32 + 6);  // its public value, padded
  request.feed(packet("\x1f" + ssh_string("the certificate") + ssh_string("the rest")));
  EXPECT_EQ(request.state(), State::answered);
  EXPECT_EQ(request.certificate(), "the certificate");
}

std::string refusal(const std::string& server) {
  CertificateRequest request(kCertificate);
  request.feed(server);
  return request.state() == State::refused ? request.why() : "(not refused)";
}

TEST(CertificateRequest, RefusesWhatCannotBe) {
  const std::string version = "SSH-2.0-x\r\n";
  EXPECT_EQ(refusal("SSH-1.5-x\r\n"), "it does not speak SSH 2");
  EXPECT_EQ(refusal(version + offer("curve25519-sha256", "ssh-ed25519,rsa-sha2-512")),
            "it has none (ssh-ed25519,rsa-sha2-512)");
  EXPECT_EQ(refusal(version + offer("sntrup", kCertificate)), "no common key exchange (sntrup)");
  EXPECT_EQ(refusal(version + packet("\x1f" + ssh_string("early"))), "its key exchange is broken");
  EXPECT_EQ(refusal(version + packet("\x01" + ssh_number(2) + ssh_string("go \x1b[31maway"))),
            "it hung up: go \xEF\xBF\xBD[31maway");
  EXPECT_EQ(refusal(version + ssh_number(100'000) + "x"), "a packet is broken");
  EXPECT_EQ(refusal(version + ssh_number(6) + std::string(6, '\xff')), "a packet is broken");
  EXPECT_EQ(refusal(std::string(200'000, 'x')), "it says too much before the key exchange");
}

TEST(HostTrust, AsksForCertificatesOnlyWhereAnAuthorityIsKnown) {
  const CertificateFile file;
  HostSpec spec;
  spec.address = "web01";
  KnownHosts known;
  EXPECT_EQ(wanted_certificates(known, spec), "");
  known.add("f",
            "@cert-authority *.example.org ssh-ed25519 " + to_base64(file.key("ca").blob) + "\n");
  EXPECT_EQ(wanted_certificates(known, spec), "");
  spec.address = "web01.example.org";
  EXPECT_TRUE(
      wanted_certificates(known, spec).starts_with("ssh-ed25519-cert-v01@openssh.com,ecdsa"));
  spec.host_key_algorithms = "ssh-ed25519,rsa-sha2-512-cert-v01@openssh.com";
  EXPECT_EQ(wanted_certificates(known, spec), "rsa-sha2-512-cert-v01@openssh.com");
  spec.host_key_algorithms = "ssh-ed25519";
  EXPECT_EQ(wanted_certificates(known, spec), "");
}

TEST(HostTrust, KnownTypesAreAskedForFirst) {
  const CertificateFile file;
  HostSpec spec;
  spec.address = "web01";
  KnownHosts known;
  EXPECT_TRUE(wanted_host_keys(known, spec, nullptr).starts_with("ssh-ed25519,ecdsa"));
  known.add("f", "web01 ssh-rsa " + to_base64(ssh_string("ssh-rsa") + "rest") + "\n");
  EXPECT_TRUE(
      wanted_host_keys(known, spec, nullptr).starts_with("rsa-sha2-512,rsa-sha2-256,ssh-ed"));
  const HostCertificate certificate = *read_host_certificate(file.blob());
  EXPECT_TRUE(wanted_host_keys(known, spec, &certificate).starts_with("ssh-ed25519,rsa-sha2-512,"));
  spec.host_key_algorithms = "rsa-sha2-256,ssh-ed25519-cert-v01@openssh.com,ssh-ed25519";
  EXPECT_EQ(wanted_host_keys(known, spec, nullptr), "rsa-sha2-256,ssh-ed25519");
  EXPECT_EQ(wanted_host_keys(known, spec, &certificate), "ssh-ed25519,rsa-sha2-256");
}

}  // namespace
}  // namespace bdsh::net
