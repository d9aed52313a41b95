#include "net/session.hpp"

#include <unistd.h>

#include <cerrno>

#include "core/text.hpp"

namespace bdsh::net {
namespace {

using Phase = Lifecycle::Phase;
using Kind = Event::Kind;
using Wait = asio::posix::stream_descriptor::wait_type;

// One host gets so much of a turn of the loop; then the others have theirs.
constexpr int kPumpsPerWake = 4;
constexpr std::size_t kBytesPerWake = 64 * 1024;
constexpr std::size_t kHandOver = 32 * 1024;

}  // namespace

Limits Session::limits(HostId id, const HostSpec& spec, const Services& services, Role role) {
  Limits limits = limits_of(id, spec, role == Role::program && services.options.runs_something());
  limits.login_only = role == Role::program && services.options.login_only;
  return limits;
}

Session::Session(HostId id, const HostSpec& spec, Services& services, SessionOwner& owner,
                 Role role)
    : DrivenSession(id, spec, services, owner, limits(id, spec, services, role)),
      role_(role),
      keepalive_(spec.keepalive_interval, spec.keepalive_count_max),
      step_timer_(services.loop),
      socket_(services.loop) {
  request_.command = services.options.command_of(id);
  if (!request_.command && !spec.remote_command.empty()) request_.command = spec.remote_command;
  request_.subsystem = services.options.subsystem;
  request_.pty = services.options.pty;
  request_.term = services.options.term;
  request_.size = services.options.size;
  request_.environment = spec.environment;
  request_.forward_agent = !forwarded_agent(spec_).empty();
}

Session::~Session() { disconnect(); }

void Session::start() {
  if (!life_.active()) planned_ = false;
  feed(Kind::start);
}

// ---- the machine and its driver

void Session::perform(Do what) {
  switch (what) {
    case Do::wait_for_turn:
      queue_.clear();
      return owner_.turn_wanted(id_);
    case Do::resolve: return resolve();
    case Do::connect: return connect();
    case Do::handshake: return handshake();
    case Do::check_key: return check_key();
    case Do::authenticate: return begin_auth();
    case Do::resume: return resume();
    case Do::open:
      if (role_ == Role::way) return feed(Kind::opened);
      opened_size_ = request_.size;
      return drive();
    case Do::converse: {
      keepalive_.begin(Clock::now(), transport_->bytes_in());
      owner_.went_live(id_);
      if (role_ == Role::way) return converse();
      if (request_.pty && request_.size != opened_size_) transport_->resize(request_.size);
      return converse();
    }
    case Do::nothing:
    case Do::disconnect:
    case Do::finish: break;
  }
}

void Session::deadline_passed() {
  if (!waits_for_agent()) return feed(Kind::deadline);
  owner_.agent_silent(agent_path(spec_));
  feed(Event::failed({ErrorKind::timeout, "the SSH agent does not answer"}));
}

// libssh's duplicate goes first: Asio forgets a closed descriptor only when no other refers to the
// same socket, so its own is taken out of the poll set explicitly.
void Session::drop_connection() {
  ++generation_;
  if (agent_) agent_->break_off();  // a worker may be waiting for it
  agent_.reset();
  tunnels_.reset();
  while (!relays_.empty()) close_relay(relays_.begin()->first);
  agent_used_ = false;
  transport_.reset();
  busy_ = drive_asked_ = trying_ = read_armed_ = write_armed_ = false;
  interview_.reset();
  answer_.reset();
  unrecorded_.reset();
  if (socket_.is_open()) ::close(socket_.release());
}

void Session::let_go() {
  disconnect();
  leave_agent();
}

void Session::disconnect() {
  drop_connection();
  route_.reset();
}

// ---- reaching the host

void Session::resolve() {
  certificate_asked_ = false;
  route_ = owner_.new_route(id_);
  route_->find(guarded([](Session& self, const Result<int>& addresses) {
    self.feed(addresses ? Event::resolved(*addresses) : Event::failed(addresses.error()));
  }));
}

void Session::connect() {
  drop_connection();
  route_->connect(life_.address(), guarded([](Session& self, Result<Fd> stream) {
                    self.connected(std::move(stream));
                  }));
}

void Session::connected(Result<Fd> stream) {
  if (!stream) return feed(Event::failed(stream.error()));
  ErrorCode failed;
  socket_.assign(stream->get(), failed);
  if (failed) return feed(Event::failed({ErrorKind::internal, failed.message()}));
  stream->release();
  feed(Kind::connected);
}

// ---- behind a jump host

void Session::way_asks(const Prompt& prompt) {
  if (life_.phase() != Phase::queued && !relays_question_) return;
  relays_question_ = true;
  feed(Event::ask(prompt));
}

void Session::way_answered() {
  if (std::exchange(relays_question_, false)) feed(Kind::answered);
}

void Session::way_failed(const Error& error) {
  if (life_.phase() != Phase::queued && !relays_question_) return;
  relays_question_ = false;
  feed(Event::failed(error));
}

// ---- other channels: for hosts behind this one, and of its subsystems

Tunnels& Session::carried() {
  if (!tunnels_)
    tunnels_ = std::make_unique<Tunnels>(services_.loop, *transport_, [this] { drive_soon(); });
  return *tunnels_;
}

void Session::drive_soon() {
  if (std::exchange(drive_asked_, true)) return;
  asio::post(services_.loop, guarded([](Session& self) {
               self.drive_asked_ = false;
               self.drive();
             }));
}

// The transport may read the socket in there: the next drive takes what came for others.
void Session::serve_tunnels() {
  const auto before = transport_->bytes_in();
  tunnels_->serve();
  if (transport_->bytes_in() != before) drive_soon();
}

void Session::open_tunnel(const std::string& host, std::uint16_t port, Tunnels::Opened opened) {
  if (life_.phase() != Phase::live)
    return opened(Error{ErrorKind::jump, "the connection to it ended"});
  // The far end's name for the host: it is resolved there.
  const auto channel = [&](std::function<void()> stirred) {
    return transport_->new_channel(host, port, std::move(stirred));
  };
  carried().open(channel, std::move(opened));
}

void Session::open_subsystem(const std::string& name, Opened opened) {
  if (life_.phase() != Phase::live) return opened(Error{ErrorKind::lost, "it is not connected"});
  const auto channel = [&](std::function<void()> stirred) {
    return transport_->new_subsystem(name, std::move(stirred));
  };
  carried().open(channel, std::move(opened));
}

// ---- moving on when the socket is ready

void Session::drive() {
  if (busy_ || !transport_) return;
  switch (life_.phase()) {
    case Phase::handshaking: return step_handshake();
    case Phase::authenticating:  // the socket may stir while keys are loaded
      if (trying_) step_auth();
      return;
    case Phase::opening: return step_open();
    case Phase::live: return held_ ? flush() : converse();
    case Phase::draining: return converse();
    default: return;
  }
}

void Session::step_handshake() {
  switch (stepped([this] { return transport_->handshake(); })) {
    case Io::again: return wait_ready();
    case Io::failed: return connection_failed();
    case Io::done: return feed(Kind::handshaken);
  }
}

void Session::connection_failed() {
  Error error = transport_->error();
  if (life_.phase() == Phase::authenticating)
    return auth_broken(error.message);
  if (transport_->greeted()) {
    error.message = "key exchange: " + error.message;
    return feed(Event::failed(explained(std::move(error))));
  }
  not_greeted(error.message);
}

// Nothing came that looks like an SSH server.
void Session::not_greeted(const std::string& what) {
  if (auto trouble = route_->trouble()) return feed(Event::failed(std::move(*trouble)));
  feed(Event::turned_away({ErrorKind::connect, "no SSH server answers: " + what}));
}

void Session::step_open() {
  const Io io = stepped([this] { return transport_->open(request_, services_.scratch); });
  if (io == Io::failed) {
    Error error{ErrorKind::channel, transport_->opening_words() + ": " + transport_->error().message};
    services_.scratch.clear();
    return feed(Event::failed(std::move(error)));
  }
  if (io == Io::done) feed(Kind::opened);
  if (io == Io::again) after_call(Io::done);
}

void Session::converse() {
  Io io = Io::done;
  Received& into = services_.scratch;
  for (int i = 0; i < kPumpsPerWake && io == Io::done && !into.closed &&
                  into.bytes.size() < kBytesPerWake; ++i) {
    const auto before = transport_->bytes_in();
    io = transport_->pump(into);
    if (transport_->bytes_in() == before) break;
  }
  if (io == Io::done && !into.closed) io = write_some(into);
  answer_relays();
  after_call(io);
}

// Everything that came in goes out before the status that follows from it.
void Session::after_call(Io io) {
  const auto keep = shared_from_this();
  const auto generation = generation_;
  const auto exit = services_.scratch.exit;
  const bool closed = services_.scratch.closed;
  const bool output = !services_.scratch.bytes.empty();
  deliver();
  if (exit && generation == generation_) feed(Event::exited(*exit));
  if (output && !exit && life_.phase() == Phase::draining) feed(Kind::received);
  if (generation == generation_ && closed) feed(Kind::closed);
  if (generation == generation_ && io == Io::failed) feed(Event::failed(lost()));
  if (generation == generation_ && tunnels_) serve_tunnels();
  if (generation == generation_) wait_ready();
}

void Session::deliver() {
  // The sink may write back, which lends the scratch again.
  Received got = std::exchange(services_.scratch, {});
  std::string_view rest = got.bytes;
  for (const auto& chunk : got.chunks) {
    services_.sink.on_bytes(id_, chunk.err ? Stream::err : Stream::out, rest.substr(0, chunk.length));
    rest.remove_prefix(chunk.length);
  }
  auto agent = std::exchange(got.agent, {});
  got.clear();
  services_.scratch = std::move(got);
  if (!agent.empty()) relay_agent(std::move(agent));
}

// The way knows better why it broke than the SSH library, which saw the end of a stream.
Error Session::explained(Error error) {
  auto trouble = route_ ? route_->trouble() : std::nullopt;
  if (trouble && life_.phase() == Phase::live && trouble->kind != ErrorKind::jump)
    trouble->kind = ErrorKind::lost;
  return trouble ? std::move(*trouble) : std::move(error);
}

Error Session::lost() {
  return explained({ErrorKind::lost, "connection lost: " + transport_->error().message});
}

void Session::wait_ready() {
  if (!socket_.is_open() || !transport_) return;
  const bool reading = !(held_ && life_.phase() == Phase::live);
  if (reading && !read_armed_) arm(Wait::wait_read, read_armed_);
  // While held nothing is pumped, so that what libssh calls pending after every send stays so: to
  // wait for it would spin. It goes out with the next key or when the host is read again.
  const bool writing = transport_->wants_write() && (reading || !queue_.empty());
  if (writing && !write_armed_) arm(Wait::wait_write, write_armed_);
}

void Session::arm(Wait what, bool& armed) {
  armed = true;
  socket_.async_wait(what, guarded([&armed](Session& self, ErrorCode failed) {
    armed = false;
    if (failed != asio::error::operation_aborted) self.drive();
  }));
}

// ---- bytes to the host, and the rest of what the user does

void Session::interrupt() {
  if (life_.phase() != Phase::live) return;
  if (!request_.pty) return transport_->send_signal("INT");
  queue_.push_urgent("\x03");
  flush();
}

void Session::end_input() {
  queue_.end();
  want_flush();
}

void Session::flush() {
  flush_asked_ = false;
  if (life_.phase() != Phase::live) return;
  const bool stuck = held_ && !queue_.empty() && transport_->wants_write();
  const Io io = stuck ? transport_->pump(services_.scratch) : Io::done;
  answer_relays();
  after_call(io == Io::done ? write_some(services_.scratch) : io);
}

Io Session::write_some(Received& into) {
  Io io = Io::done;
  while (!queue_.empty() && !transport_->wants_write() && io == Io::done) {
    const std::size_t taken = transport_->write(queue_.front(kHandOver), into);
    if (taken == 0) break;  // no window, or new keys are agreed: the next packet in wakes us
    queue_.pop(taken);
    if (transport_->wants_write()) io = transport_->pump(into);
  }
  if (queue_.end_due() && io == Io::done) {
    queue_.end_sent();
    transport_->end_input(into);
  }
  return io;
}

void Session::resize(Size size) {
  if (request_.size == size) return;
  request_.size = size;
  if (request_.pty && life_.phase() == Phase::live) transport_->resize(size);
}

void Session::hold(bool held) {
  if (std::exchange(held_, held) == held || held) return;
  if (life_.phase() == Phase::live) {
    keepalive_.pause(Clock::now());
    wait_ready();
  }
}

void Session::tick(Time now) {
  if (life_.phase() != Phase::live) return;
  if (held_) return keepalive_.pause(now);
  switch (keepalive_.tick(now, transport_->bytes_in())) {
    case Keepalive::Do::nothing: return;
    case Keepalive::Do::send: transport_->keepalive(services_.scratch); return after_call(Io::done);
    case Keepalive::Do::dead: break;
  }
  feed(Event::failed({ErrorKind::lost, "connection lost: no answer for " +
                                           std::to_string(keepalive_.patience().count()) + " s"}));
}

}  // namespace bdsh::net
