# files: Cargo.toml crates/
FROM rust:1.80 AS builder
WORKDIR /src
COPY . .
RUN cargo build --release --bin api --bin worker
FROM debian:bookworm-slim
COPY --from=builder /src/target/release/worker /usr/local/bin/service
CMD ["service"]
