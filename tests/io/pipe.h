#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <string>

/// A pipe that the test writes to and a reader opens by name.
class Pipe {
 public:
  Pipe() {
    REQUIRE(::pipe(ends_) == 0);
    name_ = "/dev/fd/" + std::to_string(ends_[0]);
  }
  ~Pipe() {
    close();
    ::close(ends_[0]);
  }
  const std::string& name() const { return name_; }
  void write(const std::string& text) {
    REQUIRE(::write(ends_[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void close() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  int read_end() const { return ends_[0]; }

 private:
  int ends_[2] = {-1, -1};
  std::string name_;
};
