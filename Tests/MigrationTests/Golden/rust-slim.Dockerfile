# files: Cargo.toml src/
FROM rust:1-slim AS build
WORKDIR /app
COPY Cargo.toml Cargo.lock ./
RUN mkdir src && echo 'fn main() {}' > src/main.rs && cargo build --release && rm -rf src
COPY src src
RUN touch src/main.rs && cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libssl3 ca-certificates && rm -rf /var/lib/apt/lists/*
RUN groupadd -r svc --gid 991 && useradd -r -g svc --uid 991 -d /var/lib/svc -m svc && mkdir -p /var/lib/svc/data && chown -R svc:svc /var/lib/svc
COPY --from=build /app/target/release/tally /usr/local/bin/tally
VOLUME /var/lib/svc/data
WORKDIR /var/lib/svc
USER svc
STOPSIGNAL SIGINT
HEALTHCHECK --interval=15s --timeout=2s --retries=4 CMD ["/usr/local/bin/tally", "ping"]
CMD ["tally"]
