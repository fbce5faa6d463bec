"""Builds the kernels: every engine/_*.pyx. All compiler directives are here and nowhere else.

ENGINE_CHECKED=1 turns bounds checks on, for tests; ENGINE_NATIVE=1 compiles for this machine only.
"""

import os
from glob import glob

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup

CHECKED = os.environ.get("ENGINE_CHECKED") == "1"
# No errno and no traps: lets the compiler vectorise sqrt and floor; unlike -ffast-math it keeps every result.
FLAGS = ["-O3", "-fno-math-errno", "-fno-trapping-math"]
if os.environ.get("ENGINE_NATIVE") == "1":
    FLAGS.append("-march=native")

setup(
    name="doorstep",
    packages=[],
    ext_modules=cythonize(
        [
            Extension(
                path.removesuffix(".pyx").replace("/", "."),
                [path],
                include_dirs=[numpy.get_include(), "engine"],
                depends=sorted(glob("engine/*.h")),
                define_macros=[("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")],
                extra_compile_args=FLAGS,
            )
            for path in sorted(glob("engine/_*.pyx"))
        ],
        compiler_directives={
            "language_level": 3,
            "boundscheck": CHECKED,
            "wraparound": CHECKED,
            "initializedcheck": CHECKED,
            "cdivision": not CHECKED,
        },
        force=CHECKED,
        quiet=True,
    ),
)
