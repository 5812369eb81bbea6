/// Version of the program and the library. Part of what decides an image's bytes is the writer: same version, same digest.
package let coracleVersion = "0.1.0"
