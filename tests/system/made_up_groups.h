#pragma once

#include <filesystem>
#include <string>

#include "io/scratch_folder.h"
#include "system/control_groups.h"

/// A made-up /sys/fs/cgroup.
class Groups {
 public:
  explicit Groups(const std::string& membership) { folder_.write("cgroup", membership); }
  void set(const std::string& group, const std::string& file, const std::string& text) {
    std::filesystem::create_directories(folder_.path("fs/" + group));
    folder_.write("fs/" + group + "/" + file, text);
  }
  nflow::ControlGroupFiles files() const { return {folder_.path("cgroup"), folder_.path("fs")}; }

 private:
  ScratchFolder folder_;
};
