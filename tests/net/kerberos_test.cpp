// Logging in with a Kerberos ticket: a KDC of the test's own on 127.0.0.1, a real sshd that takes what
// it vouches for. A program of its own, since libssh's leaks are looked away from here.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "net/bench.hpp"
#include "net/sshd.hpp"

// libssh 0.10 never frees what it holds of Kerberos for a session, some 20 KB, and has no call for it.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT: the sanitizer's name
  return "leak:libssh.so\nleak:libgssapi_krb5.so\nleak:libkrb5.so\nleak:libk5crypto.so\n"
         "leak:libkrb5support.so\n";
}

namespace bdsh::net::test {
namespace {

constexpr char kRealm[] = "TEST.INVALID";

// The environment of this process, as Kerberos' libraries and the sshd that is started read it.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

class Kerberos : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Sshd::available() || ::access("/usr/sbin/krb5kdc", X_OK) != 0)
      GTEST_SKIP() << "NO /usr/sbin/sshd or krb5kdc: logging in by Kerberos is NOT tested";
    write_configuration();
    run_program({"/usr/sbin/kdb5_util", "create", "-s", "-P", "master"});
    run_program({"/usr/sbin/kadmin.local", "-q", "addprinc -pw sesame " + user_});
    run_program({"/usr/sbin/kadmin.local", "-q", "addprinc -randkey host/127.0.0.1"});
    run_program({"/usr/sbin/kadmin.local", "-q", "ktadd host/127.0.0.1"});
    kdc_ = std::make_unique<Child>(std::vector<std::string>{"/usr/sbin/krb5kdc", "-n"},
                                   path("kdc.out"));
    sshd_ = std::make_unique<Sshd>(
        "GSSAPIAuthentication yes\nGSSAPIStrictAcceptorCheck no\n"
        "PubkeyAuthentication no");
  }

  // A ticket for the user, once the KDC answers.
  bool fetch_ticket() {
    const std::string kinit = "echo sesame | kinit " + user_ + " >/dev/null 2>&1";
    for (int i = 0; i < 200; ++i) {
      if (std::system(kinit.c_str()) == 0) return true;
      ::usleep(50'000);
    }
    return false;
  }

  HostSpec spec() const {
    HostSpec spec = sshd_->spec();
    spec.identity_files.clear();
    spec.gssapi_authentication = true;
    return spec;
  }
  std::string path(const std::string& name) const { return dir_.path(name); }

 private:
  void write_configuration() {
    const Listener free_port;
    const std::string kdc = "127.0.0.1:" + std::to_string(free_port.port());
    write_text(path("krb5.conf"), std::string("[libdefaults]\n default_realm = ") + kRealm +
                                      "\n dns_lookup_kdc = false\n dns_lookup_realm = false\n"
                                      " dns_canonicalize_hostname = false\n rdns = false\n"
                                      " udp_preference_limit = 1\n default_keytab_name = FILE:" +
                                      path("keytab") + "\n[realms]\n " + kRealm +
                                      " = {\n  kdc = " + kdc +
                                      "\n }\n[logging]\n default = FILE:" + path("kdc.log") + "\n");
    write_text(path("kdc.conf"),
               std::string("[kdcdefaults]\n kdc_listen = \"\"\n kdc_tcp_listen = ") + kdc +
                   "\n[realms]\n " + kRealm + " = {\n  database_name = " + path("principal") +
                   "\n  key_stash_file = " + path("stash") + "\n  acl_file = " + path("acl") +
                   "\n }\n");
  }

  TempDir dir_;

 protected:
  const std::string user_ = [] {
    const char* name = ::getlogin();
    return ::getuid() == 0 || name == nullptr ? std::string("root") : std::string(name);
  }();

 private:
  const Variable krb5_{"KRB5_CONFIG", path("krb5.conf")};
  const Variable profile_{"KRB5_KDC_PROFILE", path("kdc.conf")};
  const Variable tickets_{"KRB5CCNAME", "FILE:" + path("tickets")};
  std::unique_ptr<Child> kdc_;
  std::unique_ptr<Sshd> sshd_;
};

TEST_F(Kerberos, ATicketLetsIn) {
  ASSERT_TRUE(fetch_ticket()) << read_text(path("kdc.out"));
  Bench bench(std::vector<HostSpec>(6, spec()), batch("echo in"));
  bench.run_to_end(6);
  for (std::uint32_t i = 0; i < 6; ++i)
    EXPECT_EQ(bench.host(i).out, "in\n") << bench.host(i).error();
}

TEST_F(Kerberos, WithoutATicketTheHostIsRefusedInWords) {
  Bench bench({spec()}, batch("echo in"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "");
  ASSERT_TRUE(bench.host().last().error);
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::auth) << bench.host().error();
}

}  // namespace
}  // namespace bdsh::net::test
