// A real sshd on a port of 127.0.0.1, with keys of its own in a temporary directory.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/host_spec.hpp"

namespace bdsh::net::test {

// A directory that goes away with its object.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

void write_text(const std::string& path, const std::string& text);
std::string read_text(const std::string& path);
// Runs a program to its end; fails the test when it fails.
void run_program(const std::vector<std::string>& arguments);
// Makes a key pair with ssh-keygen: `path` and `path`.pub.
void make_key(const std::string& path, const std::string& type, const std::string& passphrase = "");

// Waits until something listens on the Unix socket at `path`, at most 10 s.
bool wait_for_socket(const std::string& path);

// A child process, killed and reaped at the end.
class Child {
 public:
  explicit Child(const std::vector<std::string>& arguments, const std::string& log = "/dev/null");
  ~Child() { stop(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  void signal(int number) const;
  void stop();
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

// Where an sshd listens.
struct SshdPlace {
  std::string address = "127.0.0.1";
  std::string netns{};  // a network namespace where the address is; empty: ours
};

class Sshd {
 public:
  static bool available() { return std::filesystem::exists("/usr/sbin/sshd"); }
  // `more`: further lines of sshd_config, before the defaults (the first value wins). `login`: what
  // it takes besides keys, in the words of tests/fleet/fleet_login.cpp.
  explicit Sshd(const std::string& more = "", const std::string& login = "", const SshdPlace& place = {});
  // The line for `login` that makes this the user's password (UsePAM no).
  static std::string password(const std::string& password);

  // Everything needed to log in: address, port, user, key, known_hosts with the host's key in it.
  HostSpec spec(const std::string& name = "host") const;
  std::string path(const std::string& name) const { return dir_.path(name); }
  std::string host_key_line() const;  // "ssh-ed25519 AAAA…"
  std::uint16_t port() const { return port_; }
  // The sessions' processes, as children of the listener.
  void kill_sessions(int signal) const;
  std::string log() const { return read_text(path("log")); }

 private:
  TempDir dir_;
  const SshdPlace place_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Child> child_;
};

// A TCP listener that does nothing but listen (port() is then silent), or nothing at all.
class Listener {
 public:
  Listener();
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  std::uint16_t port() const { return port_; }
  int accept() const;  // waits for a client, at most 5 s
  void close();

 private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace bdsh::net::test
