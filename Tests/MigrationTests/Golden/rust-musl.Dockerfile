# files: Cargo.toml src/
FROM rust:1.80 AS builder
RUN rustup target add x86_64-unknown-linux-musl
WORKDIR /usr/src/relay
COPY . .
RUN cargo install --path . --target x86_64-unknown-linux-musl --features tls,metrics
FROM scratch
COPY --from=builder /usr/local/cargo/bin/relay .
USER 1000
CMD ["./relay", "--quiet"]
