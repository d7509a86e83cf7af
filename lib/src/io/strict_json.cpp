#include "io/strict_json.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace nflow {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDepth = 8;

/// An object or array that is not at its end yet.
struct Level {
  bool is_object = false;
  std::vector<std::string> keys;  // so far
};

void refuse_duplicates(std::vector<std::string>& keys) {
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice != keys.end()) throw JsonError("has the key " + Json(*twice).dump() + " twice");
}

// The library's own parser with a callback looks through the parent at the end of each object,
// which takes time in proportion to the square of the text.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(const JsonMembers& members) : members_(members) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override {
    refuse_duplicates(levels_[depth_ - 1].keys);
    return close();
  }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

  bool key(string_t& key) override {
    Level& level = levels_[depth_ - 1];
    level.keys.push_back(std::move(key));
    if (unwanted_ == 0 || unwanted_ == depth_) unwanted_ = is_wanted() ? 0 : depth_;
    return true;
  }

 private:
  bool is_wanted() const {
    static const std::string none;
    if (depth_ > 2) return true;
    const std::string& parent = depth_ == 1 ? none : levels_[0].keys.back();
    return members_.wanted(parent, levels_[depth_ - 1].keys.back());
  }

  /// The place in the document that a value takes; null where it is not wanted.
  Json* place(Json&& value) {
    if (unwanted_ != 0) return nullptr;
    if (depth_ == 1) {
      member_ = std::move(value);
      values_ = 0;
      most_values_ = members_.most_values(levels_[0].keys.back());
      return &member_;
    }
    if (++values_ > most_values_) throw JsonError("holds too much");
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[levels_[depth_ - 1].keys.back()] = std::move(value));
  }

  bool put(Json&& value) {
    if (depth_ == 0) return false;
    place(std::move(value));
    if (depth_ == 1) give();
    return true;
  }

  bool open(Json&& container) {
    const bool is_object = container.is_object();
    if (depth_ == 0 && !is_object) return false;
    if (depth_ == kMaxDepth) throw JsonError("is nested too deeply");
    Json* const built = depth_ == 0 ? nullptr : place(std::move(container));
    if (built != nullptr) open_.push_back(built);
    levels_[depth_].is_object = is_object;
    levels_[depth_].keys.clear();
    ++depth_;
    return true;
  }

  bool close() {
    if (unwanted_ == depth_) unwanted_ = 0;  // a member that was not wanted ends with its object
    if (unwanted_ == 0 && depth_ > 1) open_.pop_back();
    --depth_;
    if (depth_ == 1) give();
    return true;
  }

  /// Hands out the member of the document that has just ended.
  void give() {
    if (unwanted_ == 0) members_.take(levels_[0].keys.back(), std::move(member_));
  }

  const JsonMembers& members_;
  std::array<Level, kMaxDepth> levels_;
  std::size_t depth_ = 0;
  std::size_t unwanted_ = 0;  // the depth of the key that is not wanted; 0: all is
  std::size_t values_ = 0;    // in this member
  std::size_t most_values_ = 0;
  Json member_;
  std::vector<Json*> open_;  // the containers of member_ that are not at their ends
};

}  // namespace

void read_members(std::string_view text, Json::input_format_t format, const JsonMembers& members) {
  Builder builder(members);
  if (!Json::sax_parse(text.begin(), text.end(), &builder, format)) {
    throw JsonError("cannot be read");
  }
}

}  // namespace nflow
