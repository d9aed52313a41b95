#include "app/attachment.hpp"

#include <unistd.h>

#include "app/terminal_keeper.hpp"

namespace bdsh::app {
namespace {

tui::PainterOptions painter_options(const control::Request& request) {
  const auto variable = [&](const char* name) {
    const auto found = request.environment.find(name);
    return found == request.environment.end() ? std::string() : found->second;
  };
  const std::string depth = variable("COLORTERM");
  return {variable("TERM"), depth == "truecolor" || depth == "24bit", true, request.read_only};
}

}  // namespace

Status Attachment::check(const control::Request& request, const net::Fd& tty) {
  if (!tty || ::isatty(tty.get()) == 0)
    return Error{ErrorKind::usage, "attach: no terminal came along"};
  return tui::check_terminal(painter_options(request));
}

// `line` is taken only when all is well: whoever holds it says what is not.
Result<std::unique_ptr<Attachment>> Attachment::make(boost::asio::io_context& loop,
                                                     std::unique_ptr<LineSocket>& line,
                                                     const control::Request& request, net::Fd tty) {
  auto terminal = UserTerminal::open(loop, std::move(tty), painter_options(request));
  if (!terminal) return terminal.error();
  return std::unique_ptr<Attachment>(
      new Attachment(std::move(line), std::move(*terminal), request));
}

void Attachment::start(Handlers handlers) {
  handlers_ = std::move(handlers);
  line_->set_handlers(
      {[this](const std::string& line, net::Fd) { on_line(line); }, [this] { on_closed(); }, {}});
  control::Notice notice;
  notice.kind = control::Notice::Kind::enter;
  notice.bytes = terminal_->leave_bytes();
  line_->send(to_line(notice));
}

// A copy: what is called may make an end of this object.
template <typename Handler, typename... Values>
void Attachment::tell(const Handler& handler, const Values&... values) {
  const Handler call = handler;
  if (call) call(values...);
}

void Attachment::on_line(const std::string& line) {
  const auto request = control::parse_request(line);
  if (!request) return;
  const std::string& what = request->command;
  if (what == "ready")
    enter();
  else if (what == "resize")
    tell(handlers_.resized);
  else if (what == "suspend")
    suspend();
  else if (what == "restored")
    terminal_->leave();  // by a client that is about to die
  else if (what == "hangup")
    tell(handlers_.lost);
  else if (what == "end")
    tell(handlers_.end);
}

void Attachment::enter() {
  terminal_->enter({[this](const Key& key) { tell(handlers_.key, key); },
                    [this] { tell(handlers_.ready); }, [this] { tell(handlers_.lost); }});
  terminal_->redraw();
  tell(handlers_.ready);
}

void Attachment::suspend() {
  control::Notice notice;
  notice.kind = control::Notice::Kind::suspend;
  notice.bytes = terminal_->leave();
  line_->send(to_line(notice));
}

// Killed: nobody else gives the terminal back.
void Attachment::on_closed() {
  if (terminal_->active()) rescue_left_terminal(terminal_->fd(), modes_, terminal_->leave());
  tell(handlers_.lost);
}

void Attachment::stop() {
  handlers_ = {};
  terminal_->stop();
  line_->stop();
}

void Attachment::finish(control::Notice notice, int patience) {
  handlers_ = {};
  notice.bytes = terminal_->close();
  line_->finish(to_line(notice), patience);
}

}  // namespace bdsh::app
