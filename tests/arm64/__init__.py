"""The sandbox on aarch64: its tests inside Debian's kernel for that machine, emulated (`python -m tests.arm64`)."""
