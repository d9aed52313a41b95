#include "net/sshd.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace bdsh::net::test {
namespace {

using namespace std::chrono_literals;

sockaddr_in address_of(const std::string& numbers, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, numbers.c_str(), &address.sin_addr);
  address.sin_port = htons(port);
  return address;
}

sockaddr_in loopback(std::uint16_t port) { return address_of("127.0.0.1", port); }

bool answers(const std::string& numbers, std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = address_of(numbers, port);
  const timeval patience{1, 0};  // SYNs may go nowhere
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const bool connected =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return connected;
}

std::string user_name() { return ::getpwuid(::getuid())->pw_name; }

}  // namespace

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "bdsh-net-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  ::chmod(path.c_str(), 0600);
}

std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

bool wait_for_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  for (int i = 0; i < 1'000; ++i) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool there = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    if (there) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

Child::Child(const std::vector<std::string>& arguments, const std::string& log) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  if (::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0) pid_ = -1;
  posix_spawn_file_actions_destroy(&actions);
}

void Child::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

void Child::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGCONT);
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void run_program(const std::vector<std::string>& arguments) {
  TempDir dir;
  Child child(arguments, dir.path("log"));
  int status = 0;
  ASSERT_GT(child.pid(), 0) << arguments[0];
  ::waitpid(child.pid(), &status, 0);
  ASSERT_EQ(status, 0) << arguments[0] << ": " << read_text(dir.path("log"));
}

void make_key(const std::string& path, const std::string& type, const std::string& passphrase) {
  run_program({"ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", "test", "-f", path});
}

std::string Sshd::password(const std::string& password) {
  TempDir dir;
  const std::string out = dir.path("hash");
  {
    Child openssl({"openssl", "passwd", "-1", "-salt", "testsalt", password}, out);
    ::waitpid(openssl.pid(), nullptr, 0);
  }
  return "shadow " + read_text(out);
}

Sshd::Sshd(const std::string& more, const std::string& login, const SshdPlace& place) : place_(place) {
  write_text(path("login"), login);
  make_key(path("host_key"), "ed25519");
  make_key(path("id"), "ed25519");
  std::filesystem::copy_file(path("id.pub"), path("authorized"));
  std::filesystem::create_directory(path("home"));
  if (::getuid() == 0) std::filesystem::create_directories("/run/sshd");
  {
    const Listener free_port;
    port_ = free_port.port();
  }
  write_text(path("config"), more + "\nListenAddress " + place_.address + "\nPort " + std::to_string(port_) +
                                 "\nHostKey " + path("host_key") + "\nAuthorizedKeysFile " +
                                 path("authorized") +
                                 "\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\n"
                                 "PasswordAuthentication no\nSetEnv HOME=" +
                                 path("home") +
                                 // Of this keyword alone sshd takes the last value, not the first.
                                 (more.find("MaxStartups") == std::string::npos
                                      ? "\nMaxStartups 1000\n"
                                      : "\n"));
  std::vector<std::string> command{"/usr/sbin/sshd", "-D", "-e", "-f", path("config")};
  if (!login.empty())
    command.insert(command.begin(), {"env", "LD_PRELOAD=" BDSH_FLEET_LOGIN, "FLEET_LOGIN=" + path("login")});
  if (!place_.netns.empty()) command.insert(command.begin(), {"ip", "netns", "exec", place_.netns});
  child_ = std::make_unique<Child>(command, path("log"));
  for (int i = 0; i < 500 && !answers(place_.address, port_); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(answers(place_.address, port_)) << log();
  write_text(path("known_hosts"),
             "[" + place_.address + "]:" + std::to_string(port_) + " " + host_key_line() + "\n");
}

std::string Sshd::host_key_line() const {
  std::istringstream words(read_text(path("host_key.pub")));
  std::string type, key;
  words >> type >> key;
  return type + " " + key;
}

HostSpec Sshd::spec(const std::string& name) const {
  HostSpec spec;
  spec.name = spec.original = name;
  spec.address = place_.address;
  spec.port = port_;
  spec.user = user_name();
  spec.identity_files = {path("id")};
  spec.identity_agent = "none";
  spec.user_known_hosts = {path("known_hosts")};
  return spec;
}

void Sshd::kill_sessions(int signal) const {
  const std::string pid = std::to_string(child_->pid());
  std::istringstream children(read_text("/proc/" + pid + "/task/" + pid + "/children"));
  for (pid_t child; children >> child;) ::kill(child, signal);
}

Listener::Listener() {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(fd_, 16) != 0 ||
      ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    throw std::runtime_error("cannot listen on 127.0.0.1");
  port_ = ntohs(address.sin_port);
}

Listener::~Listener() { close(); }

int Listener::accept() const {
  pollfd waiting{fd_, POLLIN, 0};
  if (::poll(&waiting, 1, 5000) != 1) return -1;
  return ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
}

void Listener::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace bdsh::net::test
