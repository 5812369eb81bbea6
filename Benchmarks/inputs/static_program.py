"""The smallest program that an image can start: it needs nothing and exits with 0."""

import struct

_CODE = bytes.fromhex("31ff" "b83c000000" "0f05")  # xor edi, edi; mov eax, 60 (exit); syscall
_BASE = 0x400000
_HEADERS = 64 + 56


def static_program():
    """A static ELF program for linux/amd64. elf(5): one file header, one loadable segment, no sections."""
    size = _HEADERS + len(_CODE)
    identity = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, _BASE + _HEADERS, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, _BASE, _BASE, size, size, 0x1000)
    return identity + header + segment + _CODE
