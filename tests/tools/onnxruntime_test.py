"""tools/cmake/OnnxRuntime.cmake: the system's ONNX Runtime comes first, then the one in .cache."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROJECT = """cmake_minimum_required(VERSION 3.22)
project(Probe LANGUAGES CXX)
include(tools/cmake/OnnxRuntime.cmake)
smartsynch_onnxruntime()
add_executable(probe main.cpp)
target_link_libraries(probe PRIVATE onnxruntime::onnxruntime)
"""
MAIN = """#include <onnxruntime_cxx_api.h>
int main() { return RuntimeVersion() == HEADER_VERSION ? HEADER_VERSION : 99; }
"""
CONFIG = """add_library(onnxruntime::onnxruntime SHARED IMPORTED)
set_target_properties(onnxruntime::onnxruntime PROPERTIES IMPORTED_LOCATION @LIB@/libonnxruntime.so
  INTERFACE_INCLUDE_DIRECTORIES @PREFIX@/include)
"""
PKG_CONFIG = """Name: onnxruntime
Description: test
Version: 1.2.3
Cflags: -I@PREFIX@/include
Libs: -L@LIB@ -lonnxruntime
"""


@unittest.skipUnless(shutil.which("cmake") and shutil.which("g++"), "needs cmake and g++")
class OnnxRuntimeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name) / "project"
        (self.root / "tools/cmake").mkdir(parents=True)
        shutil.copy(ROOT / "tools/cmake/OnnxRuntime.cmake", self.root / "tools/cmake")
        (self.root / "CMakeLists.txt").write_text(PROJECT)
        (self.root / "main.cpp").write_text(MAIN)

    def make_runtime(self, prefix, version, library, headers="include"):
        """A library and headers that know each other's version, which stands for ONNX Runtime."""
        (prefix / headers).mkdir(parents=True)
        (prefix / "lib").mkdir()
        (prefix / headers / "onnxruntime_cxx_api.h").write_text(
            f'#define HEADER_VERSION {version}\nextern "C" int RuntimeVersion();\n'
        )
        source = prefix / "runtime.cpp"
        source.write_text(f'extern "C" int RuntimeVersion() {{ return {version}; }}\n')
        target = prefix / "lib" / library
        command = ["g++", "-shared", "-fPIC", f"-Wl,-soname,{library}", "-o", target, source]
        subprocess.run(command, check=True)

    def build_and_run(self, *options, **environment):
        """(version that the program linked reports, or None; CMake's output)"""
        environment = {**os.environ, **environment}
        build = self.root / "build"
        configure = ["cmake", "-G", "Ninja", "-S", self.root, "-B", build, *options]
        done = subprocess.run(
            configure, env=environment, capture_output=True, text=True, check=False
        )
        output = done.stdout + " ".join(done.stderr.split())
        if done.returncode != 0:
            return None, output
        subprocess.run(["ninja", "-C", build], stdout=subprocess.DEVNULL, check=True)
        return subprocess.run([build / "probe"], check=False).returncode, output

    def add_cache(self):
        self.make_runtime(self.root / ".cache/onnxruntime", 5, "libonnxruntime.so.1")

    def test_without_any_says_what_to_do(self):
        version, output = self.build_and_run()
        self.assertIsNone(version)
        self.assertIn("ONNX Runtime not found", output)
        self.assertIn("run tools/setup.sh --native", output)

    def test_takes_the_one_in_the_cache(self):
        self.add_cache()
        self.assertEqual(self.build_and_run()[0], 5)

    def test_a_cmake_package_comes_first(self):
        self.add_cache()
        for number, headers in enumerate(("include", "include/onnxruntime")):
            prefix = self.root / f"system{number}"
            self.make_runtime(prefix, 7 + number, "libonnxruntime.so", headers)
            config = prefix / "lib/cmake/onnxruntime/onnxruntimeConfig.cmake"
            config.parent.mkdir(parents=True)
            config.write_text(
                CONFIG.replace("@LIB@", str(prefix / "lib")).replace("@PREFIX@", str(prefix))
            )
            shutil.rmtree(self.root / "build", ignore_errors=True)
            version, output = self.build_and_run(f"-DCMAKE_PREFIX_PATH={prefix}")
            self.assertEqual(version, 7 + number, output)
            self.assertIn(f"ONNX Runtime: {config.parent}", output)

    @unittest.skipUnless(shutil.which("pkg-config"), "needs pkg-config")
    def test_pkg_config_comes_before_the_cache(self):
        self.add_cache()
        prefix = self.root / "system"
        self.make_runtime(prefix, 9, "libonnxruntime.so", "include/onnxruntime")
        text = PKG_CONFIG.replace("@LIB@", str(prefix / "lib")).replace("@PREFIX@", str(prefix))
        (prefix / "libonnxruntime.pc").write_text(text)
        version, output = self.build_and_run(PKG_CONFIG_PATH=str(prefix))
        self.assertEqual(version, 9, output)
        self.assertIn("pkg-config libonnxruntime 1.2.3", output)

    def test_a_system_library_without_headers_is_named(self):
        self.add_cache()
        prefix = self.root / "system"
        self.make_runtime(prefix, 9, "libonnxruntime.so")
        shutil.rmtree(prefix / "include")
        (prefix / "include").mkdir()
        config = prefix / "onnxruntimeConfig.cmake"
        config.write_text(
            CONFIG.replace("@LIB@", str(prefix / "lib")).replace("@PREFIX@", str(prefix))
        )
        version, output = self.build_and_run(f"-Donnxruntime_DIR={prefix}")
        self.assertIsNone(version)
        self.assertIn(f"ONNX Runtime ({prefix}): expected its C++ headers", output)


if __name__ == "__main__":
    unittest.main()
