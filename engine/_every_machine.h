/* A function marked EVERY_MACHINE is compiled for each generation of vector units; the loader takes the best that
 * the machine has. Without such a compiler or processor the plain version stands alone. */
#ifndef EVERY_MACHINE
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__gnu_linux__)
#define EVERY_MACHINE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define EVERY_MACHINE
#endif
#endif
