#include "config/environment.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/text.hpp"

extern char** environ;

namespace bdsh::config {
namespace {

bool name_start(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}
bool name_char(char c) {
  return name_start(c) || (c >= '0' && c <= '9');
}

// The variable name that starts behind a '$' at `at`, which is moved behind it.
Result<std::string_view> variable_name(std::string_view text, std::size_t& at) {
  const bool braced = at < text.size() && text[at] == '{';
  const std::size_t begin = braced ? at + 1 : at;
  std::size_t end = begin;
  if (end < text.size() && name_start(text[end]))
    while (end < text.size() && name_char(text[end])) ++end;
  if (end == begin) return Error{ErrorKind::config, "'$' is not followed by a variable's name"};
  if (braced && (end == text.size() || text[end] != '}'))
    return Error{ErrorKind::config, "'${' has no closing '}'"};
  at = braced ? end + 1 : end;
  return text.substr(begin, end - begin);
}

// Output and input are the null device, as ssh(1) does it, so that nothing reaches the screen.
bool run_in_shell(const std::string& shell, const std::string& command) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  std::array<char*, 4> argv{const_cast<char*>(shell.c_str()), const_cast<char*>("-c"),
                            const_cast<char*>(command.c_str()), nullptr};
  pid_t child = -1;
  const int failed = posix_spawn(&child, shell.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return false;
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return false;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string local_host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

Error unreadable(const std::string& path, int number) {
  return {ErrorKind::io, sanitised(path) + ": " + std::generic_category().message(number)};
}

Result<std::string> read_all(int fd, const std::string& path, std::size_t max_bytes) {
  std::string text;
  std::array<char, 16384> chunk;
  while (true) {
    const ssize_t got = read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(path, errno);
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
    if (text.size() > max_bytes) return unreadable(path, EFBIG);
  }
}

}  // namespace

const std::string* Environment::find(std::string_view variable) const {
  const auto found = variables.find(variable);
  return found == variables.end() ? nullptr : &found->second;
}

std::string Environment::home() const {
  const std::string* set = find("HOME");
  return set != nullptr && !set->empty() ? *set : passwd_home;
}

Environment Environment::current() {
  Environment result;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    if (const char* equals = std::strchr(*entry, '='); equals != nullptr)
      result.variables.emplace(std::string(*entry, static_cast<std::size_t>(equals - *entry)),
                               equals + 1);
  result.uid = getuid();
  result.host_name = local_host_name();
  std::string shell = "/bin/sh";
  if (const passwd* entry = getpwuid(getuid()); entry != nullptr) {
    result.user = entry->pw_name;
    result.passwd_home = entry->pw_dir;
    if (entry->pw_shell != nullptr && *entry->pw_shell != '\0') shell = entry->pw_shell;
  } else {
    result.user = std::to_string(getuid());
    result.passwd_home = result.home();
  }
  if (const std::string* set = result.find("SHELL"); set != nullptr && !set->empty()) shell = *set;
  result.output = output_of;
  result.input = [] { return read_all(STDIN_FILENO, "standard input", 8U << 20U); };
  result.now = std::chrono::system_clock::now();
  result.run = [shell](const std::string& command) { return run_in_shell(shell, command); };
  return result;
}

Result<std::string> expand_variables(std::string_view text, const Environment& environment) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c != '$') {
      out += c;
      continue;
    }
    if (at < text.size() && text[at] == '$') {
      out += text[at++];
      continue;
    }
    const auto name = variable_name(text, at);
    if (!name) return name.error();
    const std::string* value = environment.find(*name);
    if (value == nullptr)
      return Error{ErrorKind::config, "the variable $" + std::string(*name) + " is not set"};
    out += *value;
  }
  return out;
}

Result<std::string> expand_path(std::string_view text, const Environment& environment,
                                const std::string& base) {
  const bool tilde = text == "~" || text.substr(0, 2) == "~/";
  auto path = expand_variables(tilde ? text.substr(1) : text, environment);
  if (!path) return path;
  if (tilde) return environment.home() + *path;
  if (base.empty() || path->empty() || path->front() == '/') return path;
  return base + "/" + *path;
}

Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes) {
  // A FIFO or a device would block or never end.
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return unreadable(path, errno);
  if (S_ISDIR(info.st_mode)) return unreadable(path, EISDIR);
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return unreadable(path, errno);
  auto text = read_all(fd, path, max_bytes);
  close(fd);
  return text;
}

}  // namespace bdsh::config
