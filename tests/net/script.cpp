#include "net/script.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bdsh::net::test {
namespace {

class ScriptedKey : public PrivateKey {
 public:
  bool slow() const override { return false; }
};

template <typename Answer>
Answer chosen(const std::string& text, std::initializer_list<std::pair<const char*, Answer>> answers) {
  for (const auto& [name, answer] : answers)
    if (text == name) return answer;
  ADD_FAILURE() << "the script has no answer \"" << text << "\" here";
  return answers.begin()->second;
}

Io io_of(const std::string& text) {
  return chosen<Io>(text, {{"failed", Io::failed}, {"again", Io::again}, {"waits", Io::again}, {"done", Io::done}});
}

AuthIo auth_of(const std::string& text) {
  return chosen<AuthIo>(text, {{"failed", AuthIo::failed},
                               {"again", AuthIo::again},
                               {"waits", AuthIo::again},
                               {"denied", AuthIo::denied},
                               {"partial", AuthIo::partial},
                               {"asks", AuthIo::asks},
                               {"accepted", AuthIo::accepted}});
}

}  // namespace

class ScriptedTransport : public Transport {
 public:
  ScriptedTransport(Stage& stage, std::string name, int socket, Script script)
      : stage_(stage), name_(std::move(name)), socket_(::dup(socket)), script_(std::move(script)) {
    stage_.most_ = std::max(stage_.most_, ++stage_.connected_);
  }
  ~ScriptedTransport() override {
    ::close(socket_);
    --stage_.connected_;
    if (next_ < script_.size()) stage_.scripts_[name_ + ": unplayed"].push_back(script_);
  }

  Io handshake() override { return io_of(answer("handshake")); }
  HostKey host_key() override { return stage_.host_key; }
  AuthIo probe_key(const PrivateKey&) override { return auth_of(answer("probe")); }
  AuthIo try_key(const PrivateKey&) override { return auth_of(answer("try")); }
  AuthIo try_agent(int) override { return auth_of(answer("agent")); }
  AuthIo try_none() override { return auth_of(answer("none")); }
  AuthIo try_password(const Secret& password) override;
  AuthIo try_interactive() override { return auth_of(answer("interactive")); }
  Challenge challenge() override;
  void answer_challenge(const std::vector<Secret>& answers) override;
  AuthIo try_gssapi() override { return auth_of(answer("gssapi")); }
  std::string auth_methods() override { return stage_.methods; }
  Io open(const ChannelRequest&, Received&) override { return io_of(answer("open")); }
  Io pump(Received& into) override;
  std::size_t write(std::string_view bytes, Received&) override;
  void end_input(Received&) override {
    answer("eof");
    stage_.written_[name_] += "(eof)";
  }
  void resize(Size) override {}
  void send_signal(const std::string&) override {}
  void keepalive(Received&) override {}
  std::unique_ptr<Channel> new_channel(const std::string&, std::uint16_t,
                                       std::function<void()>) override {
    ADD_FAILURE() << name_ << " is no jump host";
    return nullptr;
  }
  std::unique_ptr<Channel> new_subsystem(const std::string&, std::function<void()>) override {
    ADD_FAILURE() << name_ << " has no channel beside its own";
    return nullptr;
  }
  std::size_t answer_agent(int, std::string_view bytes, Received&) override { return bytes.size(); }
  void close_agent(int, Received&) override {}
  bool wants_write() const override { return last_ == "again"; }
  std::uint64_t bytes_in() const override { return bytes_in_; }
  bool greeted() const override { return greeted_; }
  std::string opening_words() const override { return "as the script says"; }
  Error error() const override { return {ErrorKind::protocol, "as the script says"}; }

 private:
  std::string answer(const std::string& call);

  Stage& stage_;
  const std::string name_;
  const int socket_;
  const Script script_;
  std::size_t next_ = 0;
  std::string last_;
  std::uint64_t bytes_in_ = 0;
  bool greeted_ = false;
};

std::string ScriptedTransport::answer(const std::string& call) {
  const std::string line = next_ < script_.size() ? script_[next_++] : "(the end)";
  if (!line.starts_with(call)) {
    ADD_FAILURE() << name_ << ": \"" << call << "\" was called, the script says \"" << line << "\"";
    return last_ = "failed";
  }
  greeted_ = greeted_ || line == "handshake done";
  return last_ = line.size() > call.size() ? line.substr(call.size() + 1) : "";
}

Io ScriptedTransport::pump(Received& into) {
  char drained[64];
  while (::recv(socket_, drained, sizeof drained, MSG_DONTWAIT) > 0) continue;
  const std::string what = answer("pump");
  if (what == "nothing") return Io::done;
  if (what == "failed") return Io::failed;
  ++bytes_in_;
  if (what.starts_with("out ")) into.append(false, what.substr(4));
  if (what.starts_with("exit ")) into.exit = ExitResult{std::stoi(what.substr(5)), {}};
  if (what == "closed") into.closed = true;
  return Io::done;
}

// "password SECRET ANSWER"
AuthIo ScriptedTransport::try_password(const Secret& password) {
  return auth_of(answer("password " + std::string(password.reveal())));
}

// "challenge echo|hidden TEXT", one question
Challenge ScriptedTransport::challenge() {
  const std::string line = answer("challenge");
  const std::size_t space = line.find(' ');
  return {"", "", {{line.substr(space + 1), line.substr(0, space) == "echo"}}};
}

// "answers A B …"
void ScriptedTransport::answer_challenge(const std::vector<Secret>& answers) {
  std::string call = "answers";
  for (const Secret& each : answers) call += " " + std::string(each.reveal());
  answer(call);
}

std::size_t ScriptedTransport::write(std::string_view bytes, Received&) {
  const std::size_t taken = std::min(bytes.size(), static_cast<std::size_t>(std::stoi("0" + answer("write"))));
  stage_.written_[name_] += bytes.substr(0, taken);
  return taken;
}

LoadedKey scripted_key(LoadedKey::State state) {
  LoadedKey key{.state = state};
  if (state == LoadedKey::State::usable) key.forms.push_back(std::make_shared<ScriptedKey>());
  return key;
}

Stage::Stage()
    : lookup([](const std::string&, HostSpec::Family family) {
        return look_up("127.0.0.1", family, true);
      }),
      loader([](const KeySource&, const Secret*) {
        return scripted_key(LoadedKey::State::usable);
      }) {}

void Stage::hang_up() {
  if (peer_ >= 0) ::close(std::exchange(peer_, -1));
  for (const int peer : std::exchange(peers_, {})) ::close(peer);
}

void Stage::host(const std::string& name, std::vector<Script> connections) {
  scripts_[name] = {connections.begin(), connections.end()};
}

HostSpec Stage::spec(const std::string& name) const {
  HostSpec spec;
  spec.name = spec.original = name;
  spec.address = name + ".test";
  spec.port = listener_.port();
  spec.user = "u";
  spec.identity_files = {"key"};
  spec.identity_agent = "none";
  spec.user_known_hosts = {dir_.path("known_hosts")};
  return spec;
}

Backend Stage::backend() {
  Backend backend;
  backend.lookup = lookup;
  backend.load_key = loader;
  backend.make_transport = [this](const HostSpec& spec, int socket, const std::string&)
      -> Result<std::unique_ptr<Transport>> {
    auto& scripts = scripts_[spec.name];
    if (scripts.empty()) {
      ADD_FAILURE() << spec.name << " connects more often than it has scripts";
      return Error{ErrorKind::internal, "no script"};
    }
    Script script = std::move(scripts.front());
    scripts.pop_front();
    return std::unique_ptr<Transport>(
        std::make_unique<ScriptedTransport>(*this, spec.name, socket, std::move(script)));
  };
  return backend;
}

void Stage::expect_played() const {
  for (const auto& [name, scripts] : scripts_)
    EXPECT_TRUE(scripts.empty()) << name << ": " << scripts.size() << " scripts not played to the end";
}

void Stage::stir_next(int count) {
  for (int i = 0; i < count; ++i) {
    peers_.push_back(listener_.accept());
    EXPECT_EQ(::send(peers_.back(), "x", 1, MSG_NOSIGNAL), 1);
  }
}

void Stage::stir() {
  if (peer_ < 0) peer_ = listener_.accept();
  EXPECT_EQ(::send(peer_, "x", 1, MSG_NOSIGNAL), 1);
}

}  // namespace bdsh::net::test
