// Starts a real PostgreSQL or Redis from the system's packages in a temporary folder, on a socket
// there, and ends it with the object. The folder stays through Stop() and Start().
#pragma once

#include <memory>
#include <string>

// A folder of its own below the system's temporary one; deleted with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class RealServer {
 public:
  virtual ~RealServer() = default;
  // As the store's or Redis's options take it.
  virtual std::string Address() const = 0;
  // At once, as a crash would end it.
  virtual void Kill() = 0;
  virtual bool Start() = 0;
};

// Null, after saying so, where the package is not installed.
std::unique_ptr<RealServer> StartPostgres();
std::unique_ptr<RealServer> StartRedis();
