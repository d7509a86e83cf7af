#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nflow/table.h"

namespace nflow {

/// Finds names in a list, such as those of a table's columns: a few by looking through it, many by
/// a table of all, so that n names among m take time n + m. The list must outlive this.
class NameIndex {
 public:
  explicit NameIndex(const std::vector<std::string>& names) : names_(names) {}

  /// Positions from 0; -1: there is none.
  struct Place {
    Index first = -1;
    Index second = -1;  ///< of another of the same name
  };
  Place find(std::string_view name);

  const std::vector<std::string>& names() const { return names_; }

 private:
  const std::vector<std::string>& names_;
  std::unordered_map<std::string_view, Place> places_;
  int scans_ = 0;
};

/// As find_columns() of nflow/csv.h, for several selections from one list of names.
std::vector<Index> find_columns(NameIndex& names, std::string_view selection);

}  // namespace nflow
