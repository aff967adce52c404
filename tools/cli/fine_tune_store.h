// fine-tune with --store or --postgres: learns from a server's feedback, once or on a schedule.
#pragma once

#include <string>

#include "server/learn/learn.h"

namespace smartsynch {

struct StoreArguments {
  LearnOptions learn;
  std::string store;     // SQLite file of `serve`
  std::string postgres;  // connection; one of the two is given
  std::string schedule;  // interval; empty: once
  bool json = false;
};

// Gives the exit code: 1 as well when the challenger is refused.
int FineTuneStore(const StoreArguments& arguments);

}  // namespace smartsynch
