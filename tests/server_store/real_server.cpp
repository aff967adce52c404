#include "real_server.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

namespace fs = std::filesystem;

namespace {

bool RunQuietly(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

std::string PostgresPrograms() {
  std::string newest;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const std::string folder = entry.path().string() + "/bin";
    if (fs::exists(folder + "/initdb") && folder > newest) newest = folder;
  }
  return newest;
}

class Postgres : public RealServer {
 public:
  explicit Postgres(const std::string& programs) : programs_(programs) {
    // PostgreSQL refuses to run as root, so root hands its folder to the package's own user.
    if (geteuid() == 0) {
      as_user_ = "runuser -u postgres -- ";
      RunQuietly("chown postgres " + folder_.path());
    }
    made_ = RunQuietly("cd / && " + as_user_ + programs_ + "/initdb -D " + Data() +
                       " -A trust -U smartsynch -E UTF8 --no-sync");
  }
  ~Postgres() override { Kill(); }

  std::string Address() const override {
    return "host=" + folder_.path() + " user=smartsynch dbname=postgres";
  }
  void Kill() override {
    RunQuietly("cd / && " + as_user_ + programs_ + "/pg_ctl -D " + Data() + " -m immediate stop");
  }
  bool Start() override {
    return made_ && RunQuietly("cd / && " + as_user_ + programs_ + "/pg_ctl -D " + Data() +
                               " -w -l " + folder_.path() + "/log -o \"-k " + folder_.path() +
                               " -c listen_addresses=''\" start");
  }

 private:
  std::string Data() const { return folder_.path() + "/data"; }

  TemporaryFolder folder_;
  std::string programs_;
  std::string as_user_;
  bool made_ = false;
};

class RealRedis : public RealServer {
 public:
  ~RealRedis() override { Kill(); }

  std::string Address() const override { return "unix:" + Socket(); }
  void Kill() override {
    int process = 0;
    std::ifstream(folder_.path() + "/pid") >> process;
    if (process > 0) kill(process, SIGKILL);
    std::error_code error;
    fs::remove(folder_.path() + "/pid", error);
    for (int i = 0; i < 500 && process > 0 && kill(process, 0) == 0; ++i) usleep(10000);
    fs::remove(Socket(), error);
  }
  bool Start() override {
    if (!RunQuietly("redis-server --port 0 --unixsocket " + Socket() + " --daemonize yes --dir " +
                    folder_.path() + " --save '' --pidfile " + folder_.path() + "/pid")) {
      return false;
    }
    for (int i = 0; i < 500; ++i) {
      if (RunQuietly("redis-cli -s " + Socket() + " ping") && fs::exists(folder_.path() + "/pid")) {
        return true;
      }
      usleep(20000);
    }
    return false;
  }

 private:
  std::string Socket() const { return folder_.path() + "/redis.sock"; }
  TemporaryFolder folder_;
};

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "smartsynch_store_XXXXXX").string();
  path_ = mkdtemp(name.data()) == nullptr ? "" : name;
  REQUIRE(!path_.empty());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

std::unique_ptr<RealServer> StartPostgres() {
  const std::string programs = PostgresPrograms();
  if (programs.empty()) {
    MESSAGE("skipped: PostgreSQL's server is not installed");
    return nullptr;
  }
  auto server = std::make_unique<Postgres>(programs);
  REQUIRE(server->Start());
  return server;
}

std::unique_ptr<RealServer> StartRedis() {
  if (!RunQuietly("command -v redis-server")) {
    MESSAGE("skipped: redis-server is not installed");
    return nullptr;
  }
  signal(SIGPIPE, SIG_IGN);
  auto server = std::make_unique<RealRedis>();
  REQUIRE(server->Start());
  return server;
}
