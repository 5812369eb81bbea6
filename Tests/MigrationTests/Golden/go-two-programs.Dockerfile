# files: go.mod cmd/api/ cmd/worker/ migrations/
FROM golang:1.24 AS build
WORKDIR /src
COPY . ./
RUN go build -o /bin/ ./cmd/...
FROM debian:12-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tini \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /bin/api /usr/local/bin/
COPY --from=build /bin/worker /usr/local/bin/
COPY migrations/ /srv/migrations
ENTRYPOINT ["tini", "--", "api"]
