// The terminals that a run is shown on: the one that types, and any number that look on. Each has
// its own size and kind; none waits for another. While there is none the run goes on unseen.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/attachment.hpp"

namespace bdsh::app {

class Seats {
 public:
  struct Handlers {
    std::function<void(const Key&)> key;
    std::function<void()> ready;  // there is a terminal that takes a frame
    std::function<void()>
        resized;  // the picture's size is another: the leading terminal, or it changed
    std::function<void()> arrived;  // another leading terminal
    std::function<void()> lost;     // the leading terminal is gone
    std::function<void()> end;      // the client that started the run was told to end
  };

  explicit Seats(boost::asio::io_context& loop) : loop_(loop) {}
  void start(Handlers handlers) { handlers_ = std::move(handlers); }
  void stop();  // nothing comes any more; finish() is still to come
  // One that types comes after the leading one was told to go. `first`: its client started the run.
  void add(std::unique_ptr<Attachment> attachment, bool first = false);
  bool led() const { return lead_ != nullptr; }
  bool empty() const { return !lead_ && mirrors_.empty(); }
  std::size_t count() const { return mirrors_.size() + (lead_ ? 1U : 0U); }

  // As UserTerminal's. The picture has the size of the leading terminal; without one that of the
  // first to look on, else of the last there was.
  Size size();
  Frame present(const tui::Surface& surface);
  void ring();
  void redraw();
  void set_clipboard(std::string_view text);
  void set_mouse(bool on);
  void suspend();
  // The leading terminal goes; its client says `words`.
  void detach(const std::string& words);
  // All go: the run is over.
  void finish(int code, const std::string& out, const std::string& err);

 private:
  struct Mirror {
    std::unique_ptr<Attachment> attachment;
    std::optional<tui::Surface> surface;  // what it shows, or will when it takes frames again
    bool late = false;
  };
  void add_mirror(std::unique_ptr<Attachment> attachment);
  void show(Mirror& mirror);
  void leave(std::unique_ptr<Attachment> attachment, const std::string& words);
  void drop(const Attachment* attachment);
  UserTerminal* lead();

  boost::asio::io_context& loop_;
  Handlers handlers_;
  std::unique_ptr<Attachment> lead_;
  bool first_ = false;  // the leading terminal's client started the run
  std::vector<std::unique_ptr<Mirror>> mirrors_;
  Size size_{Rows{24}, Cols{80}};
  bool mouse_ = true;
};

}  // namespace bdsh::app
