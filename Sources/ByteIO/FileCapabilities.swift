import CLinux

/// The capabilities that a program gets by its file (`setcap`), whichever user starts it.
///
/// capabilities(7) § File capabilities; `struct vfs_cap_data` of linux/capability.h.
package struct FileCapabilities: Hashable, Sendable {
    /// The permitted ones, as Kubernetes and container engines call them: `NET_BIND_SERVICE`.
    package let names: [String]
    /// The attribute's value as an image can have it: without the user namespace that version 3 is bound to.
    package let value: [UInt8]

    private static let known = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]

    /// Reads the attribute's value: a number for its version, and a pair of sets for 32 capabilities each.
    package init(_ value: [UInt8]) {
        // VFS_CAP_REVISION_3 is version 2 with the namespace's root at the end.
        self.value = value.count == 24 && value[3] == 3 ? value.prefix(3) + [2] + value[4..<20] : value
        func set(at offset: Int) -> UInt32 {
            value.dropFirst(offset).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        let permitted = UInt64(set(at: 4)) | UInt64(set(at: 12)) << 32
        names = (0..<64).filter { permitted >> UInt64($0) & 1 == 1 }
            .map { $0 < Self.known.count ? Self.known[$0] : "\($0)" }
    }
}

extension FilePath {
    /// The capabilities of the file here, which an image has only if that is asked for; `nil` if it has none.
    package var fileCapabilities: FileCapabilities? {
        // Most files have none: one call finds that out.
        withCString { path in
            // The longest form has 24 bytes.
            var value = [UInt8](repeating: 0, count: 64)
            let count = coracle_attribute(path, "security.capability", &value, value.count)
            return count > 0 ? FileCapabilities(Array(value.prefix(count))) : nil
        }
    }
}
