#include <cstring>
#include <string>
#include <vector>

#include "fuzz/target.h"
#include "io/digest.h"
#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/model_file.h"

// The reader of model files, and what a model that it takes can do. An input that begins with 'r'
// is a file as it is, behind the r. Any other is the header from "version" on and, behind a NUL,
// the data: of these a file is made with the right length, size and digest, so that what the header
// and the data say is looked at.

namespace {

constexpr std::size_t kDigestPlace = 52;
constexpr std::size_t kSizePlace = 78;
constexpr std::size_t kDigits = 16;
constexpr nflow::Index kMostParameters = 100'000;  // of a model that is run

std::string file_of(std::string_view rest) {
  std::string header = R"({"__metadata__":{"format":"nflow","digest":")" +
                       std::string(kDigits, '0') + R"(","size":")" + std::string(kDigits, '0') +
                       R"(",)";
  header += fuzz::take_until(rest, '\0');
  header.append((8 - header.size() % 8) % 8, ' ');
  const std::uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  bytes += header;
  bytes += rest;
  const std::string size = std::to_string(bytes.size());
  bytes.replace(kSizePlace + kDigits - size.size(), size.size(), size);
  bytes.replace(kDigestPlace, kDigits, nflow::digest_without_itself(bytes, kDigestPlace));
  return bytes;
}

/// Rows near the middle of the columns, and far out.
nflow::RowMatrix some_rows(const nflow::Scaler& scaler) {
  const auto columns = static_cast<nflow::Index>(scaler.mean.size());
  nflow::RowMatrix rows(3, columns);
  for (nflow::Index j = 0; j < columns; ++j) {
    const auto place = static_cast<std::size_t>(j);
    rows(0, j) = scaler.mean[place];
    rows(1, j) = scaler.mean[place] + scaler.deviation[place];
    rows(2, j) = j % 2 == 0 ? 1e308 : -5e-324;
  }
  return rows;
}

void use(const nflow::Model& model) {
  nflow::Evaluator evaluator(model, 1);
  const nflow::RowMatrix rows = some_rows(model.scaler), context = some_rows(model.context_scaler);
  std::vector<double> scores;
  evaluator.log_prob(rows, context, scores);
  nflow::RowMatrix latent, back;
  evaluator.to_latent(rows, context, latent);
  evaluator.from_latent(latent, context, back);
  evaluator.sample(1, 0, rows.rows(), context, 1, back);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input = fuzz::text_of(bytes, size);
  const bool raw = size > 0 && input.front() == 'r';
  const std::string file = raw ? std::string(input.substr(1)) : file_of(input);
  try {
    const nflow::Model model = nflow::from_bytes(file, "m.nflow");
    fuzz::require(nflow::to_bytes(nflow::from_bytes(nflow::to_bytes(model), "m.nflow")) ==
                      nflow::to_bytes(model),
                  "a model that is read can be written, and reads back to the same");
    if (model.parameter_count() <= kMostParameters) use(model);
  } catch (const nflow::UsageError&) {
    fuzz::require(false, "a bad file is not the user's mistake");
  } catch (const nflow::Error&) {
  }
  return 0;
}
