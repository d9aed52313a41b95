// A shared library that is preloaded into a test host's sshd, so that it can take passwords and ask
// questions without an account of this machine being touched, and without privileges to mount
// anything. $FLEET_LOGIN names a file:
//   shadow HASH                          the user's password as crypt(3) knows it (UsePAM no)
//   ask echo|hidden QUESTION<tab>ANSWER  asked in turn through PAM (UsePAM yes); all must be right
//   say TEXT                             told through PAM
// Without the variable, or without lines of a kind, the system's own functions are called.
//
// PAM's few types are declared here: its headers are not among what the tests need installed, and
// they have been the same since the 1990s (X/Open XSSO, Linux-PAM's _pam_types.h).
#include <dlfcn.h>
#include <shadow.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

struct pam_handle;
struct pam_message {
  int msg_style;
  const char* msg;
};
struct pam_response {
  char* resp;
  int resp_retcode;
};
struct pam_conv {
  int (*conv)(int count, const pam_message** messages, pam_response** responses, void* data);
  void* appdata_ptr;
};
extern "C" int pam_get_item(const pam_handle* handle, int item, const void** value);

namespace {

constexpr int kSuccess = 0;
constexpr int kAuthError = 7;
constexpr int kConvItem = 5;
constexpr int kPromptHidden = 1;
constexpr int kPromptEcho = 2;
constexpr int kTextInfo = 4;

struct Line {
  std::string verb;
  std::string rest;
};

// Taken when the library is loaded: sshd empties its environment before it asks PAM.
const std::string kPath = [] {
  const char* path = std::getenv("FLEET_LOGIN");
  return std::string(path == nullptr ? "" : path);
}();

std::vector<Line> lines() {
  std::vector<Line> found;
  std::ifstream file(kPath);
  for (std::string line; std::getline(file, line);) {
    const auto space = line.find(' ');
    if (space != std::string::npos) found.push_back({line.substr(0, space), line.substr(space + 1)});
  }
  return found;
}

bool through_pam() {
  for (const Line& line : lines())
    if (line.verb == "ask") return true;
  return false;
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// Whether the user gives this answer.
bool answers(const pam_conv& conv, int style, const std::string& question, const std::string& right) {
  const pam_message message{style, question.c_str()};
  const pam_message* messages[] = {&message};
  pam_response* response = nullptr;
  if (conv.conv(1, messages, &response, conv.appdata_ptr) != kSuccess || response == nullptr)
    return false;
  const bool same = style == kTextInfo || (response->resp != nullptr && right == response->resp);
  std::free(response->resp);
  std::free(response);
  return same;
}

bool asks_and_hears(const pam_conv& conv, const Line& line) {
  if (line.verb == "say") return answers(conv, kTextInfo, line.rest, "");
  if (line.verb != "ask") return true;
  const auto space = line.rest.find(' ');
  const auto tab = line.rest.find('\t');
  const int style = line.rest.substr(0, space) == "echo" ? kPromptEcho : kPromptHidden;
  return answers(conv, style, line.rest.substr(space + 1, tab - space - 1), line.rest.substr(tab + 1));
}

using PamCall = int (*)(pam_handle*, int);

}  // namespace

extern "C" {

spwd* getspnam(const char* name) {
  static std::string hash;
  static std::string user;
  static spwd entry;
  for (const Line& line : lines()) {
    if (line.verb != "shadow") continue;
    hash = line.rest;
    user = name;
    entry = {user.data(), hash.data(), 19'000, 0, 99'999, 7, -1, -1, 0};
    return &entry;
  }
  return next<spwd* (*)(const char*)>("getspnam")(name);
}

int pam_authenticate(pam_handle* handle, int flags) {
  if (!through_pam()) return next<PamCall>("pam_authenticate")(handle, flags);
  const void* item = nullptr;
  if (pam_get_item(handle, kConvItem, &item) != kSuccess || item == nullptr) return kAuthError;
  for (const Line& line : lines())
    if (!asks_and_hears(*static_cast<const pam_conv*>(item), line)) return kAuthError;
  return kSuccess;
}

int pam_acct_mgmt(pam_handle* handle, int flags) {
  return through_pam() ? kSuccess : next<PamCall>("pam_acct_mgmt")(handle, flags);
}
int pam_setcred(pam_handle* handle, int flags) {
  return through_pam() ? kSuccess : next<PamCall>("pam_setcred")(handle, flags);
}
int pam_open_session(pam_handle* handle, int flags) {
  return through_pam() ? kSuccess : next<PamCall>("pam_open_session")(handle, flags);
}
int pam_close_session(pam_handle* handle, int flags) {
  return through_pam() ? kSuccess : next<PamCall>("pam_close_session")(handle, flags);
}

}  // extern "C"
