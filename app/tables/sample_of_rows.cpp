#include "tables/sample_of_rows.h"

#include "nflow/error.h"
#include "nflow/printable.h"
#include "nflow/row_sample.h"
#include "report/log.h"

namespace nflow::app {

Dataset sample_of_rows(ModelInput& input, const Arguments& arguments, Index least, Index most) {
  input.open(input.model().columns, false);
  RowSample sample(most, seed(arguments, 0));
  while (input.read()) sample.add(input.data(), input.context());
  if (sample.seen() < static_cast<std::uint64_t>(least)) {
    throw Error(input.name() + ": " + counted(static_cast<std::int64_t>(sample.seen()), "row") +
                ", where " + std::to_string(least) + " are needed");
  }
  if (sample.seen() > static_cast<std::uint64_t>(most)) {
    log_debug("{}: {} of {} rows, drawn by the seed", input.name(), most, sample.seen());
  }
  return sample.rows();
}

}  // namespace nflow::app
